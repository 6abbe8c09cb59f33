/**
 * @file Families over words and lists of words.
 */
import type { RandomStream } from "../../foundation/random.js";
import {
  LETTER_SHAPE,
  LISTED_THING_SHAPE,
  WORD_SHAPE,
} from "../answer-shapes.js";
import type { Family } from "../family.js";
import { KINDS, THINGS, THINGS_BY_KIND, wordKindOf } from "../lexicon.js";

function drawWords(
  random: RandomStream,
  shortest: number,
  longest: number,
): string {
  const length = shortest + random.integer(longest - shortest + 1);
  return random.sample(THINGS, length).join(" ");
}

export const WORD_FAMILIES: readonly Family[] = [
  {
    name: "first_letters",
    isClassification: false,
    split: "argument",
    weight: 1.3,
    phrasings: [
      { instruction: "give the first letter of each word", input: "{words}" },
      { instruction: "write the first letters of {words}" },
      { instruction: "which letters start the words {words}" },
      { instruction: "take the first letter of every word", input: "{words}" },
    ],
    statements: [
      { text: "the words {words} start with {answer}" },
      { text: "the first letters in {words} are {answer}" },
      { text: "{words} have the first letters {answer}" },
      { text: "people take from each word of {words} the letter {answer}" },
    ],
    draw: (random) => ({ words: drawWords(random, 2, 4) }),
    solve: ({ words = "" }) =>
      words
        .split(" ")
        .map((word) => word.slice(0, 1))
        .join(" "),
    shape: () => LETTER_SHAPE,
  },
  {
    name: "last_letter",
    isClassification: false,
    split: "prompt",
    weight: 0.9,
    phrasings: [
      { instruction: "what is the last letter of {word}" },
      { instruction: "which letter ends the word {word}" },
      { instruction: "give the last letter", input: "{word}" },
      { instruction: "name the letter at the end of {word}" },
    ],
    statements: [
      { text: "the word {word} ends with {answer}" },
      { text: "the last letter in {word} is {answer}" },
      { text: "{word} has {answer} at the end" },
      { text: "the letter to name for the end of {word} is {answer}" },
    ],
    draw: (random) => ({ word: random.pick(THINGS) }),
    solve: ({ word = "" }) => word.slice(-1),
    shape: () => LETTER_SHAPE,
  },
  {
    name: "repeat_word",
    isClassification: false,
    split: "argument",
    weight: 0.7,
    phrasings: [
      { instruction: "repeat {word} {count} times" },
      { instruction: "say the word {word} {count} times" },
      { instruction: "write it {count} times", input: "{word}" },
      { instruction: "repeat the word", input: "{word} {count} times" },
    ],
    statements: [
      { text: "{word} said {count} times is {answer}" },
      { text: "repeat of {word} by {count} gives {answer}" },
      { text: "people write {word} {count} times as {answer}" },
    ],
    draw: (random) => ({
      word: random.pick(THINGS),
      count: String(2 + random.integer(5)),
    }),
    solve: ({ word = "", count = "" }) =>
      Array.from({ length: Number(count) }, () => word).join(" "),
    shape: () => WORD_SHAPE,
  },
  {
    name: "swap_ends",
    isClassification: false,
    split: "argument",
    weight: 1.1,
    phrasings: [
      { instruction: "swap the first and the last word", input: "{words}" },
      { instruction: "swap the ends of {words}" },
      { instruction: "change places of first and last", input: "{words}" },
    ],
    statements: [
      { text: "{words} after both ends swap is {answer}" },
      { text: "change the places in {words} and it becomes {answer}" },
      {
        text: "with first and last in changed places {words} becomes {answer}",
      },
    ],
    draw: (random) => ({ words: drawWords(random, 3, 4) }),
    solve: ({ words = "" }) => {
      const list = words.split(" ");
      return [list.at(-1), ...list.slice(1, -1), list[0]].join(" ");
    },
    shape: () => WORD_SHAPE,
  },
  {
    name: "pick_kind",
    isClassification: false,
    split: "argument",
    weight: 1.6,
    phrasings: [
      { instruction: "pick the {kind}", input: "{words}" },
      { instruction: "which of {words} is some {kind}" },
      { instruction: "find the word for some {kind}", input: "{words}" },
      { instruction: "choose the {kind} from {words}" },
    ],
    statements: [
      { text: "among {words} the {kind} is {answer}" },
      { text: "the only {kind} in the list {words} is {answer}" },
      { text: "from {words} people pick {answer} as the {kind}" },
      { text: "to find some {kind} in {words} people choose {answer}" },
    ],
    draw: (random) => {
      const [kind, ...others] = random.sample(KINDS, 3 + random.integer(2));
      const words = [kind, ...others].map((each) =>
        random.pick(THINGS_BY_KIND[each as (typeof KINDS)[number]]),
      );
      return { kind: kind as string, words: random.shuffle(words).join(" ") };
    },
    solve: ({ kind = "", words = "" }) => {
      const list = words.split(" ");
      if (list.some((word) => wordKindOf(word) === undefined)) return undefined;
      const matches = list.filter((word) => wordKindOf(word) === kind);
      return matches.length === 1 ? matches[0] : undefined;
    },
    shape: () => LISTED_THING_SHAPE,
  },
];
