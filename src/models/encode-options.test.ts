/**
 * @file Where a score's token is found, for tokenizers that join it to the space
 * before, keep the space apart, or write more around a turn.
 */
import { expect, test } from "vitest";
import {
  openTokenizer,
  type TextTokenizer,
} from "../checkpoints/tokenizer/tokenizer.js";
import { encodeOptions, optionsAreTokens } from "./encode-options.js";
import type { TokenSequence } from "./token-sequence.js";

const SCORES = ["0", "1", "2", "3", "4", "5"];

/** A tokenizer that knows these words only, longest first, and writes turns as "[q]a;". */
function wordTokenizer(words: readonly string[]): TextTokenizer {
  const longestFirst = [...words].sort((a, b) => b.length - a.length);
  return {
    vocabSize: words.length,
    bosTokenId: null,
    eosTokenId: null,
    padTokenId: null,
    hasChatTemplate: true,
    addedTokens: [],
    trust: (text) => text,
    encode: async (text) => {
      const ids: number[] = [];
      for (let at = 0; at < text.length;) {
        const word = longestFirst.find((each) => text.startsWith(each, at));
        if (word === undefined)
          throw new Error(`no token at "${text.slice(at)}"`);
        ids.push(words.indexOf(word));
        at += word.length;
      }
      return ids;
    },
    decode: async (ids) => ids.map((id) => words[id]).join(""),
    tokenBytes: (id) => Uint8Array.of(id),
    tokenId: (token) => words.indexOf(token),
    applyChatTemplate: (messages) =>
      messages
        .map(({ role, content }) =>
          role === "user" ? `[${content}]` : `${content};`,
        )
        .join(""),
  };
}

const question = (prefix: string) => ({
  prompt: [{ role: "user" as const, content: "rate" }],
  prefix,
  options: SCORES,
});

/** The options of a sequence as they are written. */
const written = (
  tokenizer: TextTokenizer,
  sequence: TokenSequence | undefined,
): Promise<string[]> =>
  Promise.all((sequence?.options ?? []).map((id) => tokenizer.decode([id])));

const WORDS = ["[", "]", ";", "rate", "score", ":", " "];

test("a score joined to the space before it is weighed with its space", async () => {
  const joined = wordTokenizer([
    ...WORDS,
    ...SCORES.map((score) => ` ${score}`),
  ]);
  const [sequence] = await encodeOptions(joined, [question("score: ")]);
  expect(await joined.decode(sequence?.ids ?? [])).toBe("[rate]score:");
  expect(await written(joined, sequence)).toEqual(
    SCORES.map((score) => ` ${score}`),
  );
  expect(sequence?.completionStart).toBe(sequence?.ids.length);
});

test("a score apart from the space is weighed after the space", async () => {
  const apart = wordTokenizer([...WORDS, ...SCORES]);
  const [sequence] = await encodeOptions(apart, [question("score: ")]);
  expect(await apart.decode(sequence?.ids ?? [])).toBe("[rate]score: ");
  expect(await written(apart, sequence)).toEqual(SCORES);
});

test("what is learned at one question holds for the next with the same end only", async () => {
  const mixed = wordTokenizer([
    ...WORDS,
    ...SCORES,
    ...SCORES.map((score) => ` ${score}`),
  ]);
  const rows = await encodeOptions(mixed, [
    question("score: "),
    question("score:"),
    question("score: "),
  ]);
  const threes = await Promise.all(rows.map((row) => written(mixed, row)));
  expect(threes.map((texts) => texts[3])).toEqual([" 3", "3", " 3"]);
});

test("the template is given what a request gives it", async () => {
  const words = wordTokenizer([...WORDS, ...SCORES, "f", "calm"]);
  const template: TextTokenizer = {
    ...words,
    applyChatTemplate: (messages, options) =>
      `${(options.tools ?? []).join("")}${options.variables?.["mood"] === "calm" ? "calm" : ""}${words.applyChatTemplate(messages, options)}`,
  };
  const [sequence] = await encodeOptions(template, [
    {
      ...question("score: "),
      tools: ["f"],
      chat_template_kwargs: { mood: "calm" },
    },
  ]);
  expect(await words.decode(sequence?.ids ?? [])).toBe("fcalm[rate]score: ");
});

test("scores of which one is joined and the others are not cannot be weighed", async () => {
  const uneven = wordTokenizer([...WORDS, ...SCORES, " 3"]);
  expect(await optionsAreTokens(uneven, question("score: "))).toBe(false);
  await expect(encodeOptions(uneven, [question("score: ")])).rejects.toThrow(
    /not one token each after "score: ".*sampled judgements/,
  );
});

test.each([
  ["llama", "as the template writes a turn", 1],
  ["qwen2", "with a byte-level tokenizer", 0],
])(
  "the words before a score of %s are tokenised %s",
  async (family, _how, spaces) => {
    const tokenizer = await openTokenizer(
      `test/fixtures/checkpoints/${family}`,
    );
    const [sequence] = await encodeOptions(tokenizer, [question("score : ")]);
    const turn = [
      { role: "user" as const, content: "rate" },
      { role: "assistant" as const, content: "score : 4" },
    ];
    const trained = await tokenizer.encode(
      tokenizer.applyChatTemplate(turn, { addGenerationPrompt: false }),
      { addSpecialTokens: false },
    );
    const { ids = [], options = [] } = sequence ?? {};
    expect(trained.slice(0, ids.length + 1)).toEqual([...ids, options[4]]);
    const text = await tokenizer.decode(ids);
    expect(text.endsWith(`${" ".repeat(spaces)}score : `)).toBe(true);
  },
);
