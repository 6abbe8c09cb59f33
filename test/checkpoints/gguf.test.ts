/**
 * @file GGUF export of the fixtures: what is refused, and that export is stable.
 * That llama.cpp computes the same from it is test/peers/gguf.peers.test.ts.
 */
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/checkpoints/checkpoint.js";
import { exportGguf } from "../../src/gguf/gguf.js";
import { ggufTokenizer } from "../../src/gguf/gguf-tokenizer.js";
import { fixturesWithout } from "../golden/family-cases.js";

const FIXTURES = "test/fixtures/checkpoints";
let work: string;
beforeEach(async () => {
  work = await mkdtemp(join(tmpdir(), "gguf-export-"));
});
afterEach(() => rm(work, { recursive: true }));

const SPLIT_OF_GPT_4O =
  "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const BYTES = { type: "ByteLevel", trim_offsets: true };

interface TokenizerJson {
  normalizer: unknown;
  pre_tokenizer: unknown;
  post_processor: unknown;
  readonly added_tokens: Record<string, unknown>[];
  readonly model: Record<string, unknown>;
}

/** A change to a tokenizer that llama.cpp would not make, and what is said of it. */
const UNLIKE: readonly (readonly [
  name: string,
  family: string,
  change: (tokenizer: TokenizerJson) => void,
  reason: RegExp,
])[] = [
  [
    "a normaliser",
    "llama3",
    (json) => (json.normalizer = { type: "Lowercase" }),
    /its normalizer is \{"type":"Lowercase"\}, which llama\.cpp does not apply/,
  ],
  [
    "composition where the name does not promise it",
    "llama3",
    (json) => (json.normalizer = { type: "NFC" }),
    /its normalizer is NFC, which llama\.cpp does not apply/,
  ],
  [
    "another normaliser than Qwen's",
    "qwen2",
    (json) => (json.normalizer = { type: "NFKC" }),
    /its normalizer is \{"type":"NFKC"\}/,
  ],
  [
    "a space before the text",
    "llama3",
    (json) =>
      (json.pre_tokenizer = {
        ...BYTES,
        add_prefix_space: true,
        use_regex: true,
      }),
    /no name for its pre_tokenizer, ByteLevel\(with a space before\)/,
  ],
  [
    "GPT-4o's split, which shares a part with Llama 3's",
    "llama3",
    (json) =>
      (json.pre_tokenizer = {
        type: "Sequence",
        pretokenizers: [
          {
            type: "Split",
            pattern: { Regex: SPLIT_OF_GPT_4O },
            behavior: "Isolated",
            invert: false,
          },
          { ...BYTES, add_prefix_space: false, use_regex: false },
        ],
      }),
    /no name for its pre_tokenizer, Split\(/,
  ],
  [
    "a step after the usual ones",
    "llama3",
    (json) =>
      (json.pre_tokenizer = {
        type: "Sequence",
        pretokenizers: [json.pre_tokenizer, { type: "Punctuation" }],
      }),
    /no name for its pre_tokenizer/,
  ],
  [
    "merging of whole words",
    "llama3",
    (json) => (json.model["ignore_merges"] = false),
    /its model\.ignore_merges is false/,
  ],
  [
    "a mark at the end of words",
    "llama3",
    (json) => (json.model["end_of_word_suffix"] = "</w>"),
    /its model\.end_of_word_suffix is "<\/w>"/,
  ],
  [
    "a token that takes spaces along",
    "llama3",
    (json) => Object.assign(json.added_tokens[0] ?? {}, { rstrip: true }),
    /its added token "<\|begin_of_text\|>" has rstrip/,
  ],
  [
    "a space before the first stretch only",
    "llama",
    (json) => {
      json.normalizer = null;
      json.pre_tokenizer = {
        type: "Metaspace",
        replacement: "▁",
        prepend_scheme: "first",
        split: false,
      };
    },
    /none like its normalizer \(none\) with its pre_tokenizer \(Metaspace\(▁ first\)\)/,
  ],
  [
    "a normaliser before the usual ones",
    "llama",
    (json) =>
      (json.normalizer = {
        type: "Sequence",
        normalizers: [{ type: "NFKC" }, json.normalizer],
      }),
    /none like its normalizer/,
  ],
  [
    "two tokens at the beginning",
    "llama",
    (json) => {
      const first = { SpecialToken: { id: "<s>", type_id: 0 } };
      json.post_processor = {
        type: "TemplateProcessing",
        single: [first, first, { Sequence: { id: "A", type_id: 0 } }],
        pair: [],
        special_tokens: { "<s>": { id: "<s>", ids: [1], tokens: ["<s>"] } },
      };
    },
    /its post_processor adds other tokens than one BOS and one EOS/,
  ],
];

async function withTokenizer(
  family: string,
  change: (tokenizer: TokenizerJson) => void,
): Promise<string> {
  const folder = join(work, family);
  await cp(join(FIXTURES, family), folder, { recursive: true });
  const path = join(folder, "tokenizer.json");
  const json = JSON.parse(await readFile(path, "utf8")) as TokenizerJson;
  change(json);
  await writeFile(path, JSON.stringify(json));
  return folder;
}

describe("gguf export", () => {
  it.each(UNLIKE)(
    "refuses %s, by name and in one line",
    async (_, family, change, reason) => {
      const folder = await withTokenizer(family, change);
      const checkpoint = await openCheckpoint(folder);
      const path = join(work, "model.gguf");
      const refusal = exportGguf({ checkpoint, path, type: "f32" });
      await expect(refusal).rejects.toMatchObject({ code: "BAD_CHECKPOINT" });
      await expect(refusal).rejects.toThrow(reason);
      await expect(refusal).rejects.not.toThrow(/\n/);
      expect(existsSync(path)).toBe(false);
    },
  );

  it("tells llama.cpp that the tokenizer ends a text", async () => {
    const folder = await withTokenizer("llama", (json) => {
      const token = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
      json.post_processor = {
        type: "TemplateProcessing",
        single: [
          token("<s>"),
          { Sequence: { id: "A", type_id: 0 } },
          token("</s>"),
        ],
        pair: [],
        special_tokens: {
          "<s>": { id: "<s>", ids: [1], tokens: ["<s>"] },
          "</s>": { id: "</s>", ids: [2], tokens: ["</s>"] },
        },
      };
    });
    const entries = await ggufTokenizer(await openCheckpoint(folder));
    expect(Object.fromEntries(entries)).toMatchObject({
      "tokenizer.ggml.add_bos_token": { value: true },
      "tokenizer.ggml.add_eos_token": { value: true },
    });
  });

  it.each(fixturesWithout("gguf"))(
    "refuses %s, which llama.cpp would compute differently",
    async (family, reason) => {
      const checkpoint = await openCheckpoint(join(FIXTURES, family));
      const path = join(work, "model.gguf");
      await expect(
        exportGguf({ checkpoint, path, type: "f32" }),
      ).rejects.toMatchObject({
        code: "BAD_CHECKPOINT",
        message: expect.stringContaining(reason) as string,
      });
      expect(existsSync(path)).toBe(false);
    },
  );

  it("gives the same bytes each time and smaller ones for smaller types", async () => {
    const checkpoint = await openCheckpoint(join(FIXTURES, "llama"));
    const sizes: number[] = [];
    for (const type of ["f32", "f16", "q8_0"] as const) {
      const [first, second] = [join(work, "a.gguf"), join(work, "b.gguf")];
      await exportGguf({ checkpoint, path: first, type });
      await exportGguf({ checkpoint, path: second, type });
      const bytes = await readFile(first);
      expect(bytes.equals(await readFile(second))).toBe(true);
      sizes.push(bytes.byteLength);
    }
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    expect(new Set(sizes).size).toBe(3);
  });
});
