/**
 * @file Checkpoints that are made to harm: each is one BAD_CHECKPOINT error, at once.
 */
import { execFileSync } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/checkpoints/checkpoint.js";

let work: string;
let folder: string;
beforeEach(async () => {
  work = await mkdtemp(join(tmpdir(), "hostile-"));
  folder = join(work, "model");
  await cp("test/fixtures/checkpoints/llama", folder, {
    recursive: true,
    filter: (path) => basename(path) !== "lora",
  });
});
afterEach(() => rm(work, { recursive: true }));

type Content = Record<string, unknown>;

const vocabOf = (content: Content): Record<string, unknown> =>
  (content["model"] as { vocab: Record<string, unknown> }).vocab;
const withPart =
  (name: string, part: object) =>
  (content: Content): void => {
    content[name] = part;
  };
const withRegex = (Regex: string) =>
  withPart("pre_tokenizer", {
    type: "Split",
    pattern: { Regex },
    behavior: "Isolated",
    invert: false,
  });

/** What the library would end the process on, wait for ever at, or read as nonsense. */
const HOSTILE_TOKENIZERS: readonly [
  string,
  (content: Content) => void,
  RegExp,
][] = [
  ["a negative id", (c) => (vocabOf(c)["a"] = -1), /token "a" has the id -1/],
  ["half an id", (c) => (vocabOf(c)["a"] = 1.5), /"a" has the id 1\.5/],
  [
    "an id beyond all",
    (c) => (vocabOf(c)["a"] = 2 ** 40),
    /"a" has the id 1099/,
  ],
  [
    "a huge id",
    (c) => (vocabOf(c)["a"] = 2 ** 31),
    /the wrong tokenizer: it makes token ids up to 2147483648/,
  ],
  [
    "one id twice",
    (c) => (vocabOf(c)["a"] = vocabOf(c)["b"]),
    /"a" and "b" have the same id/,
  ],
  [
    "a token with the name of a prototype",
    (c) =>
      Object.defineProperty(vocabOf(c), "__proto__", {
        value: -7,
        enumerable: true,
      }),
    /"__proto__" has the id -7/,
  ],
  [
    "an unknown part",
    withPart("normalizer", { type: "Magic" }),
    /its normalizer "Magic" is not known \(BertNormalizer/,
  ],
  [
    "an unknown part in a sequence",
    withPart("decoder", {
      type: "Sequence",
      decoders: [{ type: "constructor" }],
    }),
    /its decoder "constructor" is not known/,
  ],
  [
    "a pattern that goes back for ever",
    withRegex("(a+)+$"),
    /can go over one text in too many ways/,
  ],
  [
    "repetitions that go back too often",
    withRegex(".*.*.*="),
    /in too many ways/,
  ],
  [
    "alternatives that go back for ever",
    withRegex("(?:a|aa)*b"),
    /in too many ways/,
  ],
  [
    "an empty pattern",
    withPart("normalizer", {
      type: "Replace",
      pattern: { String: "" },
      content: "x",
    }),
    /the pattern is an empty text/,
  ],
  [
    "nothing to prepend",
    withPart("normalizer", { type: "Prepend", prepend: "" }),
    /prepends an empty text/,
  ],
  [
    "pieces without length",
    withPart("pre_tokenizer", { type: "FixedLength", length: 0 }),
    /have the length 0/,
  ],
  [
    "characters taken from short tokens",
    withPart("decoder", { type: "Strip", content: "a", start: 0, stop: 1 }),
    /its decoder "Strip", it takes characters from the ends/,
  ],
  [
    "a template without ids",
    withPart("post_processor", {
      type: "TemplateProcessing",
      single: [{ SpecialToken: { id: "<x>", type_id: 0 } }],
      pair: [],
      special_tokens: {},
    }),
    /the template names "<x>"/,
  ],
  [
    "a damaged table",
    withPart("normalizer", {
      type: "Precompiled",
      precompiled_charsmap: "CAAAAAAAAAAAAAAAQQA=",
    }),
    /the precompiled_charsmap is damaged/,
  ],
  [
    "random merges",
    (c) => ((c["model"] as Content)["dropout"] = 0.5),
    /model\.dropout is 0\.5/,
  ],
  [
    "a merge that makes no token",
    (c) =>
      (c["model"] = {
        type: "BPE",
        vocab: { a: 0, b: 1 },
        merges: [["a", "b"]],
      }),
    /merge of \["a","b"\] makes "ab", which is no token/,
  ],
];

const refuses = async (message: RegExp): Promise<void> => {
  await expect(openCheckpoint(folder)).rejects.toMatchObject({
    code: "BAD_CHECKPOINT",
    message: expect.stringMatching(message) as string,
  });
};

describe("a tokenizer", () => {
  it.each(HOSTILE_TOKENIZERS)(
    "with %s is refused",
    async (_what, change, message) => {
      const path = join(folder, "tokenizer.json");
      const content = JSON.parse(await readFile(path, "utf8")) as Content;
      change(content);
      await writeFile(path, JSON.stringify(content));
      await refuses(message);
    },
  );
});

describe("a pipe, which never ends,", () => {
  it.each([
    "config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "chat_template.jinja",
    "model.safetensors",
  ])("in the place of %s is refused", async (name) => {
    await rm(join(folder, name), { force: true });
    execFileSync("mkfifo", [join(folder, name)]);
    await refuses(new RegExp(name.replace(".", "\\.")));
  });
});
