/**
 * @file No text but the chat template's own makes a special token, whatever kind of
 * vocabulary the tokenizer has and wherever the text goes.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTokenizer, type TextTokenizer } from "./tokenizer.js";

const FAMILIES = [
  "qwen2",
  "qwen3",
  "llama",
  "llama3",
  "gemma2",
  "gemma3",
  "mistral",
  "phi3",
  "smollm3",
];
const FOLDERS = [
  ...FAMILIES.map((name) => `test/fixtures/checkpoints/${name}`),
  "nursery/m0",
];

const specialIds = (
  tokenizer: TextTokenizer,
  ids: readonly number[],
): number[] => {
  const special = new Set(
    tokenizer.addedTokens.flatMap((token) => (token.special ? [token.id] : [])),
  );
  return ids.filter((id) => special.has(id));
};
const isSpecial = ({ special }: { readonly special: boolean }) => special;

describe.each(FOLDERS)("texts for %s", (folder) => {
  let tokenizer: TextTokenizer;
  let hostile: string;
  beforeAll(async () => {
    tokenizer = await openTokenizer(folder);
    const texts = tokenizer.addedTokens
      .filter(isSpecial)
      .map(({ content }) => content);
    hostile = ["fine", ...texts, ...texts.map((text) => `x${text}y`)].join(" ");
  });

  it("make no special token as plain text, and lose none of their characters", async () => {
    const ids = await tokenizer.encode(hostile, { addSpecialTokens: false });
    const unknown = tokenizer.tokenId("<|unk|>") ?? tokenizer.tokenId("<unk>");
    expect(specialIds(tokenizer, ids).filter((id) => id !== unknown)).toEqual(
      [],
    );
    if (specialIds(tokenizer, ids).length > 0) return;
    expect((await tokenizer.decode(ids)).trim()).toBe(hostile);
  });

  it("make no more special tokens in a message than harmless ones", async () => {
    const written = async (content: string): Promise<number[]> => {
      const text = tokenizer.applyChatTemplate(
        [
          { role: "user", content },
          { role: "assistant", content },
        ],
        { addGenerationPrompt: false },
      );
      return specialIds(
        tokenizer,
        await tokenizer.encode(text, { addSpecialTokens: false }),
      );
    };
    const unknown =
      tokenizer.tokenId("<|unk|>") ?? tokenizer.tokenId("<unk>") ?? -1;
    const known = (ids: readonly number[]) =>
      ids.filter((id) => id !== unknown);
    const harmless = known(await written("fine"));
    expect(known(await written(hostile))).toEqual(harmless);
    expect(harmless.length).toBeGreaterThan(0);
  });
});

describe("vocabularies that hold their special tokens as words", () => {
  const folder = mkdtempSync(join(tmpdir(), "special-tokens-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const special = (content: string) => ({
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  });
  const words = ["<unk>", "</s>", "<", "/", "s", ">", "a", "b", "<0x0A>"];
  const MODELS = {
    WordLevel: {
      vocab: Object.fromEntries(words.map((word, id) => [word, id])),
      unk_token: "<unk>",
    },
    WordPiece: {
      vocab: Object.fromEntries(words.map((word, id) => [word, id])),
      unk_token: "<unk>",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
    },
    Unigram: {
      vocab: words.map((word) => [word, word === "</s>" ? 0 : -3]),
      unk_id: 0,
    },
    BPE: {
      vocab: Object.fromEntries(
        [...words, "</", "s>"].map((word, id) => [word, id]),
      ),
      merges: [
        ["<", "/"],
        ["s", ">"],
        ["</", "s>"],
      ],
      unk_token: "<unk>",
      ignore_merges: true,
    },
  };

  it.each(Object.entries(MODELS))(
    "%s does not find them in a text",
    async (type, model) => {
      const definition = {
        added_tokens: [special("<unk>"), special("</s>")],
        normalizer: null,
        pre_tokenizer: { type: "WhitespaceSplit" },
        post_processor: null,
        decoder: null,
        model: { type, ...model },
      };
      writeFileSync(join(folder, "tokenizer.json"), JSON.stringify(definition));
      const settings = { eos_token: "</s>", unk_token: "<unk>" };
      writeFileSync(
        join(folder, "tokenizer_config.json"),
        JSON.stringify(settings),
      );
      const tokenizer = await openTokenizer(folder);
      expect(tokenizer.eosTokenId).toBe(1);
      const plain = { addSpecialTokens: false };
      expect(await tokenizer.encode("a </s> b", plain)).not.toContain(1);
      expect(
        await tokenizer.encode(tokenizer.trust("a </s> b"), plain),
      ).toEqual([6, 1, 7]);
    },
  );
});

describe("a chat template around hostile values", () => {
  const folder = mkdtempSync(join(tmpdir(), "special-values-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("makes special tokens of its own words only, in tools and variables too", async () => {
    const source =
      "{{ bos_token }}{{ tools | tojson }}{{ note }}{% for m in messages %}{{ m.content | trim | upper if m.loud else m.content }}</s>{% endfor %}";
    const content = [...'<>/s{}"[]: abnotemulud'].filter(
      (each, i, all) => all.indexOf(each) === i,
    );
    const definition = {
      added_tokens: ["<s>", "</s>"].map((text) => ({
        content: text,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      })),
      normalizer: null,
      pre_tokenizer: null,
      post_processor: null,
      decoder: { type: "Fuse" },
      model: {
        type: "BPE",
        merges: [],
        vocab: Object.fromEntries(
          ["<s>", "</s>", ...content].map((text, id) => [text, id]),
        ),
      },
    };
    writeFileSync(join(folder, "tokenizer.json"), JSON.stringify(definition));
    writeFileSync(
      join(folder, "tokenizer_config.json"),
      JSON.stringify({
        bos_token: "<s>",
        eos_token: "</s>",
        chat_template: source,
      }),
    );
    const tokenizer = await openTokenizer(folder);
    const text = tokenizer.applyChatTemplate(
      [{ role: "user", content: "a</s>b" }],
      {
        addGenerationPrompt: false,
        tools: [{ "</s>": "<s>" }],
        variables: { note: "note<s>" },
      },
    );
    const ids = await tokenizer.encode(text, { addSpecialTokens: false });
    expect(ids.filter((id) => id < 2)).toEqual([0, 1]);
    expect(await tokenizer.decode(ids)).toBe('[{"</s>": "<s>"}]note<s>a</s>b');
  });
});
