import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { ChatMessage } from "../data/records.js";
import { compileChatTemplate } from "./chat-template.js";

const compile = (source: string) =>
  compileChatTemplate({
    source,
    path: "chat_template.jinja",
    specialTokens: { bos_token: "<s>", eos_token: "</s>" },
  });
const hello = [{ role: "user", content: "Hello" }] as const;

/** Made with the real transformers by scripts/fixtures/chat-templates.py. */
const fixture = JSON.parse(
  readFileSync(
    new URL(
      "../../test/fixtures/tokenizers/chat-templates.json",
      import.meta.url,
    ),
    "utf8",
  ),
) as {
  readonly specialTokens: Readonly<Record<string, string>>;
  readonly conversations: readonly (readonly ChatMessage[])[];
  readonly cases: readonly {
    readonly name: string;
    readonly template: string;
    /** Whether it must be refused, although Jinja renders it. */
    readonly refused: boolean;
    /** One for each conversation; null where Jinja raises. */
    readonly texts: readonly (string | null)[];
  }[];
};

describe("chat templates with Jinja's corners", () => {
  it.each(fixture.cases)("$name", ({ template, refused, texts }) => {
    for (const [index, messages] of fixture.conversations.entries()) {
      const render = () =>
        compileChatTemplate({
          source: template,
          path: "chat_template.jinja",
          specialTokens: fixture.specialTokens,
        }).render(messages, { addGenerationPrompt: true });
      const expected = texts[index] ?? null;
      if (refused) expect(render).toThrow(/is not supported|cannot be parsed/);
      else if (expected === null)
        expect(render).toThrow(/chat_template\.jinja/);
      else expect(render()).toBe(expected);
    }
  });
});

it.each(["constructor", "__proto__", "toString"])(
  "refuses %s as a test or a filter, which no table has",
  (name) => {
    for (const source of [
      `{{ [1] | select("${name}", 1) | list }}`,
      `{{ [1] | select("${name}") | list }}`,
      `{{ 1 | ${name} }}`,
    ])
      expect(() =>
        compile(source).render(hello, { addGenerationPrompt: true }),
      ).toThrow(`"${name}", which is not supported`);
  },
);

describe("templates that would never end", () => {
  it.each([
    [
      "loops in loops",
      "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
      /more than 2000000 steps/,
    ],
    [
      "filtered loops",
      "{% for a in range(9999) %}{% for b in range(9999) if false %}{% endfor %}{% endfor %}",
      /steps/,
    ],
    [
      "a text that doubles",
      "{% set n = namespace(t='aaaaaaaa') %}{% for i in range(60) %}{% set n.t = n.t ~ n.t %}{% endfor %}",
      /more than 16000000 characters/,
    ],
    [
      "a list that doubles",
      "{% set n = namespace(t=[1, 2]) %}{% for i in range(60) %}{% set n.t = n.t + n.t %}{% endfor %}",
      /list of more than 1000000 items/,
    ],
    [
      "output that grows",
      `{% for a in range(9999) %}{% for b in range(99) %}${"x".repeat(100)}{% endfor %}{% endfor %}`,
      /characters/,
    ],
    [
      "a macro that calls itself",
      "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
      /refused the conversation/,
    ],
  ])("are stopped: %s", (_what, source, reason) => {
    const template = compile(source);
    expect(() =>
      template.render(hello, { addGenerationPrompt: false }),
    ).toThrow(reason);
  });
});

describe("chat templates", () => {
  it("gives the template messages, special tokens and the generation switch", () => {
    const template = compile(
      "{{ bos_token }}{% for m in messages %}[{{ m.role }}] {{ m['content'] }}{% endfor %}" +
        "{% if add_generation_prompt %}{{ eos_token }}{% endif %}",
    );
    expect(template.render(hello, { addGenerationPrompt: false })).toBe(
      "<s>[user] Hello",
    );
    expect(template.render(hello, { addGenerationPrompt: true })).toBe(
      "<s>[user] Hello</s>",
    );
  });

  it("tells every template the same date", () => {
    const template = compile(
      "{{ strftime_now('%d %b %Y') }}, {{ strftime_now('%A %d %B %Y, 100%%') }}",
    );
    expect(template.render(hello, { addGenerationPrompt: true })).toBe(
      "26 Jul 2024, Friday 26 July 2024, 100%",
    );
  });

  it("says what a template said when it refused the conversation", () => {
    const template = compile("{{ raise_exception('Only one turn, please') }}");
    expect(() => template.render(hello, { addGenerationPrompt: true })).toThrow(
      /chat_template\.jinja refused the conversation: Only one turn, please/,
    );
  });

  it("does not take nothing for a conversation", () => {
    const template = compile("{% if tools %}tools{% endif %}");
    expect(() => template.render(hello, { addGenerationPrompt: true })).toThrow(
      /chat_template\.jinja lost the conversation: it gave no text at all/,
    );
  });

  it("says which field is missing, and of what, in one line", () => {
    const template = compile("{{ messages[0].nothing.deeper }}");
    expect(() => template.render(hello, { addGenerationPrompt: true })).toThrow(
      /^The chat template in chat_template\.jinja refused the conversation: 'dict object' has no attribute 'nothing'\. Use [^\n]*$/,
    );
  });

  it("says in one line what a template says in several", () => {
    const template = compile("{{ raise_exception('One.\\n  Two.\\n') }}");
    expect(() => template.render(hello, { addGenerationPrompt: true })).toThrow(
      /^[^\n]*refused the conversation: One\. Two\. Use [^\n]*$/,
    );
  });

  it("says where a template cannot be parsed", () => {
    expect(() => compile("{% for %}")).toThrow(
      /chat_template\.jinja cannot be parsed/,
    );
  });
});
