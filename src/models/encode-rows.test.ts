/**
 * @file What a row gives the chat template besides role and content reaches it.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openTokenizer } from "../checkpoints/tokenizer/tokenizer.js";
import { encodePair } from "./encode-rows.js";

const folder = mkdtempSync(join(tmpdir(), "encode-rows-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("reasoning, tools and the template's own variables are written", async () => {
  const letters = [...new Set('[]{}:", abcdefghijklmnopqrstuvwxyz<>/')];
  const json = {
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: { type: "Fuse" },
    model: {
      type: "BPE",
      vocab: Object.fromEntries(letters.map((letter, id) => [letter, id])),
      merges: [],
    },
  };
  const template =
    "{{ tools | tojson }}{% for m in messages %}<{{ m.reasoning_content }}>{{ m.content }}{% endfor %}{% if not thinks %}quiet{% endif %}";
  writeFileSync(join(folder, "tokenizer.json"), JSON.stringify(json));
  writeFileSync(join(folder, "chat_template.jinja"), template);
  const tokenizer = await openTokenizer(folder);
  const { ids } = await encodePair(tokenizer, {
    prompt: [{ role: "user", content: "cat" }],
    completion: [
      { role: "assistant", content: "dog", reasoning_content: "hm" },
    ],
    tools: [{ name: "f" }],
    chat_template_kwargs: { thinks: false },
  });
  expect(await tokenizer.decode(ids)).toBe('[{"name": "f"}]<>cat<hm>dogquiet');
});
