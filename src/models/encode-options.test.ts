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
    encode: (text) => {
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
    decode: (ids) => ids.map((id) => words[id]).join(""),
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

const WORDS = ["[", "]", ";", "rate", "score", ":", " "];

test("a score joined to the space before it is weighed with its space", () => {
  const joined = wordTokenizer([
    ...WORDS,
    ...SCORES.map((score) => ` ${score}`),
  ]);
  const [sequence] = encodeOptions(joined, [question("score: ")]);
  expect(joined.decode(sequence?.ids ?? [], { skipSpecialTokens: false })).toBe(
    "[rate]score:",
  );
  expect(
    sequence?.options?.map((id) =>
      joined.decode([id], { skipSpecialTokens: false }),
    ),
  ).toEqual(SCORES.map((score) => ` ${score}`));
  expect(sequence?.completionStart).toBe(sequence?.ids.length);
});

test("a score apart from the space is weighed after the space", () => {
  const apart = wordTokenizer([...WORDS, ...SCORES]);
  const [sequence] = encodeOptions(apart, [question("score: ")]);
  expect(apart.decode(sequence?.ids ?? [], { skipSpecialTokens: false })).toBe(
    "[rate]score: ",
  );
  expect(
    sequence?.options?.map((id) =>
      apart.decode([id], { skipSpecialTokens: false }),
    ),
  ).toEqual(SCORES);
});

test("what is learned at one question holds for the next with the same end only", () => {
  const mixed = wordTokenizer([
    ...WORDS,
    ...SCORES,
    ...SCORES.map((score) => ` ${score}`),
  ]);
  const rows = encodeOptions(mixed, [
    question("score: "),
    question("score:"),
    question("score: "),
  ]);
  const written = rows.map(({ options = [] }) =>
    mixed.decode(options.slice(3, 4), { skipSpecialTokens: false }),
  );
  expect(written).toEqual([" 3", "3", " 3"]);
});

test("scores of which one is joined and the others are not cannot be weighed", () => {
  const uneven = wordTokenizer([...WORDS, ...SCORES, " 3"]);
  expect(optionsAreTokens(uneven, question("score: "))).toBe(false);
  expect(() => encodeOptions(uneven, [question("score: ")])).toThrow(
    /not one token each after "score: ".*judge\.reward: samples/,
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
    const [sequence] = encodeOptions(tokenizer, [question("score : ")]);
    const turn = [
      { role: "user" as const, content: "rate" },
      { role: "assistant" as const, content: "score : 4" },
    ];
    const trained = tokenizer.encode(
      tokenizer.applyChatTemplate(turn, { addGenerationPrompt: false }),
      { addSpecialTokens: false },
    );
    const { ids = [], options = [] } = sequence ?? {};
    expect(trained.slice(0, ids.length + 1)).toEqual([...ids, options[4]]);
    expect(
      tokenizer
        .decode(ids, { skipSpecialTokens: true })
        .endsWith(`${" ".repeat(spaces)}score : `),
    ).toBe(true);
  },
);
