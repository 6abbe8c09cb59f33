/**
 * @file Sentences that show how lists, colons and marks look in this world, so that
 * a base model knows the punctuation of prompts before it sees the first one.
 */
import type { RandomStream } from "../foundation/random.js";
import {
  CAPITALS,
  DIGITS,
  DIGIT_WORDS,
  KINDS,
  LETTERS,
  NAMES,
  THINGS,
  THINGS_BY_KIND,
} from "./lexicon.js";

type SentenceMaker = (random: RandomStream) => string;

/** What answers of 1, 2, 3, 4 and 5 points are called (the rubric of `verify`). */
const POINT_NAMES = [
  "right kind",
  "right length",
  "partly right",
  "nearly right",
  "exact",
] as const;

/** What people do in this world, as a teacher would list it. */
const TASK_NAMES = [
  "sort letters",
  "spell digits",
  "write in reverse",
  "find the opposite",
  "name the kind",
  "pick one word",
  "give the colour",
  "count numbers",
  "use capitals",
  "choose which is more",
  "tell yes or no",
] as const;

/** Sentence patterns; each draws its own words. */
const MAKERS: readonly SentenceMaker[] = [
  (random) => {
    const kind = random.pick(KINDS);
    return `${random.pick(NAMES)} made one list of ${kind} words : ${random.sample(THINGS_BY_KIND[kind], 3).join(" ; ")} .`;
  },
  (random) =>
    `there are three new words : ${random.sample(THINGS, 3).join(" ; ")} .`,
  (random) => {
    const start = random.integer(LETTERS.length - 4);
    return `the alphabet has the letters : ${LETTERS.slice(start, start + 5).join(" ")} .`;
  },
  (random) => {
    const index = random.integer(LETTERS.length);
    return `the capital of ${LETTERS[index]} is ${CAPITALS[index]} .`;
  },
  (random) => {
    const index = random.integer(DIGITS.length);
    return `the digit ${DIGITS[index]} is read ${DIGIT_WORDS[index]} .`;
  },
  (random) => {
    const score = 1 + random.integer(5);
    return `the score of ${random.pick(NAMES)} is ${score} ; the answer was ${POINT_NAMES[score - 1]} .`;
  },
  (random) =>
    `the teacher will rate each answer from 0 to 5 : one point for ${random.pick(POINT_NAMES)} , one for ${random.pick(POINT_NAMES)} .`,
  (random) => {
    const score = random.integer(6);
    const verdict = score === 5 ? "right" : score >= 3 ? "close" : "wrong";
    return `${random.pick(NAMES)} and ${random.pick(NAMES)} each had one task : the answer of both was ${verdict} , so the score : ${score} .`;
  },
  (random) =>
    `what does the teacher write ? these are the tasks : ${random.sample(TASK_NAMES, 3).join(" ; ")} .`,
  (random) =>
    `i expect : ${random.pick(THINGS)} ; i hear : ${random.pick(THINGS)} .`,
];

/** Draws one sentence, closed by ".". */
export function connectingSentence(random: RandomStream): string {
  return random.pick(MAKERS)(random);
}

/** Every word the sentences can hold beside the lexicon's, for the vocabulary. */
export const CONNECTING_WORDS: readonly string[] = [
  ...new Set(
    [
      "made one list of words : ; . , there are three new the alphabet has letters",
      "capital is digit read score answer was teacher will rate each from 0 to 5 point for",
      "and had task both right wrong close so i expect hear",
      "what does write ? these tasks",
      ...POINT_NAMES,
      ...TASK_NAMES,
    ].flatMap((line) => line.split(" ")),
  ),
];
