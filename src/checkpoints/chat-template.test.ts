import { describe, expect, it } from "vitest";
import { compileChatTemplate } from "./chat-template.js";

const compile = (source: string) =>
  compileChatTemplate({
    source,
    path: "chat_template.jinja",
    specialTokens: { bos_token: "<s>", eos_token: "</s>" },
  });
const hello = [{ role: "user", content: "Hello" }] as const;

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

  it("treats undefined variables as false, as templates expect of tools and documents", () => {
    const template = compile(
      "{% if tools is defined and tools %}tools{% else %}none{% endif %}",
    );
    expect(template.render(hello, { addGenerationPrompt: true })).toBe("none");
  });

  it("says what a template said when it refused the conversation", () => {
    const template = compile("{{ raise_exception('Only one turn, please') }}");
    expect(() => template.render(hello, { addGenerationPrompt: true })).toThrow(
      /chat_template\.jinja refused the conversation: Only one turn, please/,
    );
  });

  it("does not take nothing for a conversation", () => {
    const template = compile("{{ messages[0].nothing.deeper }}");
    expect(() => template.render(hello, { addGenerationPrompt: true })).toThrow(
      /chat_template\.jinja lost the conversation: it gave no text at all/,
    );
  });

  it("says where a template cannot be parsed", () => {
    expect(() => compile("{% for %}")).toThrow(
      /chat_template\.jinja cannot be parsed/,
    );
  });
});
