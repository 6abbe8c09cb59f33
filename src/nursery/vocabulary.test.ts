import { describe, expect, it } from "vitest";
import { sha256 } from "../foundation/hash.js";
import { randomStream } from "../foundation/random.js";
import { corruptAnswer } from "./corruption.js";
import { FAMILIES, drawTask } from "./families.js";
import { rawSentence } from "./raw-text.js";
import {
  JUDGE_ANSWER_TEMPLATE,
  JUDGE_PROMPT_TEMPLATE,
  LONG_JUDGE_PROMPT_TEMPLATE,
  REASONED_JUDGE_ANSWER_TEMPLATE,
  TASK_WRITING_TEMPLATE,
} from "./templates.js";
import { SPECIAL_TOKENS, VOCABULARY } from "./vocabulary.js";

const known = new Set(VOCABULARY);

/** The words of `texts` that the vocabulary lacks; slots in braces are no words. */
const unknownIn = (texts: Iterable<string>): string[] => [
  ...new Set(
    [...texts]
      .flatMap((text) => text.split(" "))
      .filter((token) => !known.has(token) && !/^\{\w+\}$/.test(token)),
  ),
];

describe("the vocabulary", () => {
  it("is frozen: the ids of the shipped base model are its indexes", () => {
    expect(sha256(VOCABULARY.join("\n"))).toBe(
      "019b31d9be44a40a222d70d0137751d3d3161b956d501393de1c970a41177b33",
    );
  });

  it("has at most 700 different tokens, special ones first", () => {
    expect(VOCABULARY.length).toBe(598);
    expect(known.size).toBe(VOCABULARY.length);
    expect(VOCABULARY.slice(0, 5)).toEqual(SPECIAL_TOKENS);
  });

  it("holds no token with white space in it", () => {
    expect(VOCABULARY.filter((token) => !/^\S+$/.test(token))).toEqual([]);
  });

  it("knows every word of every phrasing and statement", () => {
    expect(
      unknownIn(
        FAMILIES.flatMap(({ phrasings, statements }) => [
          ...phrasings.map(({ instruction }) => instruction),
          ...phrasings.flatMap(({ input = [] }) => input),
          ...statements.map(({ text }) => text),
        ]),
      ),
    ).toEqual([]);
  });

  it("knows every token of tasks, answers and corruptions", () => {
    const random = randomStream(1, "vocabulary");
    const texts = FAMILIES.flatMap((family) =>
      Array.from({ length: 300 }, () => {
        const task = drawTask(family, random);
        return `${task.prompt} ${task.answer} ${corruptAnswer(task, random)}`;
      }),
    );
    expect(unknownIn(texts)).toEqual([]);
  });

  it("knows every token of the raw text", () => {
    const random = randomStream(2, "vocabulary");
    const sentences = Array.from(
      { length: 5000 },
      () => rawSentence(random).text,
    );
    expect(unknownIn(sentences)).toEqual([]);
  });

  it("knows the loop's templates and forty spare words", () => {
    expect(
      unknownIn([
        JUDGE_PROMPT_TEMPLATE,
        LONG_JUDGE_PROMPT_TEMPLATE,
        JUDGE_ANSWER_TEMPLATE,
        REASONED_JUDGE_ANSWER_TEMPLATE,
        TASK_WRITING_TEMPLATE,
        ";",
        "question reply response example check quality please best grade",
      ]),
    ).toEqual([]);
  });
});
