/**
 * @file Families over spelled letters ("c a t").
 */
import type { RandomStream } from "../../foundation/random.js";
import { CAPITAL_SHAPE, LETTER_SHAPE, closedSet } from "../answer-shapes.js";
import type { Family } from "../family.js";
import { CONSONANTS, LETTERS, VOWELS } from "../lexicon.js";

const isVowel = (letter: string): boolean => VOWELS.includes(letter);

/** Letters of a random length in [shortest, longest], uniform over the alphabet. */
function drawLetters(
  random: RandomStream,
  shortest: number,
  longest: number,
): string {
  const length = shortest + random.integer(longest - shortest + 1);
  return Array.from({ length }, () => random.pick(LETTERS)).join(" ");
}

/** 3–5 letters of which at least one is a vowel and at least one is not. */
function drawMixedLetters(random: RandomStream): string {
  const length = 3 + random.integer(3);
  const letters = [random.pick(VOWELS), random.pick(CONSONANTS)];
  while (letters.length < length)
    letters.push(random.pick(random.next() < 0.4 ? VOWELS : CONSONANTS));
  return random.shuffle(letters).join(" ");
}

const START_LABELS = closedSet(["vowel", "consonant"]);

export const LETTER_FAMILIES: readonly Family[] = [
  {
    name: "reverse_letters",
    isClassification: false,
    split: "argument",
    weight: 1.8,
    phrasings: [
      { instruction: "reverse the letters", input: "{letters}" },
      { instruction: "write {letters} in reverse" },
      { instruction: "turn these letters around", input: "{letters}" },
      { instruction: "spell {letters} backwards" },
    ],
    statements: [
      { text: "the reverse of {letters} is {answer}" },
      { text: "{letters} read backwards gives {answer}" },
      { text: "if you turn {letters} around you get {answer}" },
      { text: "people spell backwards and write {letters} as {answer}" },
    ],
    draw: (random) => ({ letters: drawLetters(random, 3, 5) }),
    solve: ({ letters = "" }) => letters.split(" ").reverse().join(" "),
    shape: () => LETTER_SHAPE,
  },
  {
    name: "sort_letters",
    isClassification: false,
    split: "argument",
    weight: 1.8,
    phrasings: [
      { instruction: "sort the letters", input: "{letters}" },
      { instruction: "put {letters} in alphabet order" },
      { instruction: "order these letters by alphabet", input: "{letters}" },
      { instruction: "arrange {letters} from early to late" },
    ],
    statements: [
      { text: "the letters {letters} in alphabet order are {answer}" },
      { text: "after you sort {letters} there is {answer}" },
      { text: "in order {letters} becomes {answer}" },
      {
        text: "to put {letters} in order by alphabet , arrange it as {answer}",
      },
    ],
    draw: (random) => ({ letters: drawLetters(random, 3, 5) }),
    solve: ({ letters = "" }) => letters.split(" ").sort().join(" "),
    shape: () => LETTER_SHAPE,
  },
  {
    name: "capital_letters",
    isClassification: false,
    split: "argument",
    weight: 0.7,
    phrasings: [
      { instruction: "write in capitals", input: "{letters}" },
      { instruction: "make {letters} into capital letters" },
      { instruction: "change to capital letters", input: "{letters}" },
      { instruction: "use capitals for {letters}" },
    ],
    statements: [
      { text: "{letters} in capitals looks like {answer}" },
      { text: "the capital letters of {letters} are {answer}" },
      { text: "people change {letters} to capitals and write {answer}" },
    ],
    draw: (random) => ({ letters: drawLetters(random, 3, 6) }),
    solve: ({ letters = "" }) => letters.toUpperCase(),
    shape: () => CAPITAL_SHAPE,
  },
  {
    name: "drop_vowels",
    isClassification: false,
    split: "argument",
    weight: 1.3,
    phrasings: [
      { instruction: "remove the vowels", input: "{letters}" },
      { instruction: "drop all vowels from {letters}" },
      { instruction: "keep only consonants", input: "{letters}" },
      { instruction: "write {letters} with no vowels" },
    ],
    statements: [
      { text: "without vowels {letters} is {answer}" },
      { text: "the consonants of {letters} are {answer}" },
      { text: "people remove all vowels of {letters} and write {answer}" },
      { text: "drop vowels and from {letters} you keep only {answer}" },
    ],
    draw: (random) => ({ letters: drawMixedLetters(random) }),
    solve: ({ letters = "" }) => {
      const kept = letters.split(" ").filter((letter) => !isVowel(letter));
      return kept.length === 0 ? undefined : kept.join(" ");
    },
    shape: () => LETTER_SHAPE,
  },
  {
    name: "double_letters",
    isClassification: false,
    split: "argument",
    weight: 0.9,
    phrasings: [
      { instruction: "double each letter", input: "{letters}" },
      { instruction: "write every letter of {letters} twice" },
      { instruction: "say each letter two times", input: "{letters}" },
      { instruction: "double {letters}" },
    ],
    statements: [
      { text: "{letters} with each letter twice is {answer}" },
      { text: "the double of {letters} is {answer}" },
      { text: "every letter of {letters} comes two times in {answer}" },
    ],
    draw: (random) => ({ letters: drawLetters(random, 2, 4) }),
    solve: ({ letters = "" }) =>
      letters
        .split(" ")
        .flatMap((letter) => [letter, letter])
        .join(" "),
    shape: () => LETTER_SHAPE,
  },
  {
    name: "next_letters",
    isClassification: false,
    split: "prompt",
    weight: 0.7,
    phrasings: [
      { instruction: "give the next {count} letters after {letter}" },
      { instruction: "what {count} letters follow {letter}" },
      {
        instruction: "continue the alphabet with {count} letters",
        input: "{letter}",
      },
      { instruction: "list {count} letters that come after {letter}" },
    ],
    statements: [
      { text: "after {letter} come the {count} letters {answer}" },
      { text: "the next {count} letters to follow {letter} are {answer}" },
      { text: "the alphabet goes on by {count} from {letter} with {answer}" },
      { text: "people continue by {count} after {letter} with {answer}" },
    ],
    draw: (random) => {
      const count = 2 + random.integer(4);
      return {
        letter: LETTERS[random.integer(26 - count)] as string,
        count: String(count),
      };
    },
    solve: ({ letter = "", count = "" }) => {
      const start = LETTERS.indexOf(letter) + 1;
      const next = LETTERS.slice(start, start + Number(count));
      return next.length === Number(count) ? next.join(" ") : undefined;
    },
    shape: () => LETTER_SHAPE,
  },
  {
    name: "start_kind",
    isClassification: true,
    split: "argument",
    weight: 0.6,
    phrasings: [
      { instruction: "does {letters} start with vowel or consonant" },
      { instruction: "vowel or consonant at the start", input: "{letters}" },
      { instruction: "name the type of the first letter", input: "{letters}" },
    ],
    statements: [
      { text: "the first letter of {letters} is one {answer}" },
      { text: "{letters} has one {answer} at the start" },
      { text: "the type of letter to start {letters} is {answer}" },
    ],
    draw: (random) => {
      const first = random.pick(random.next() < 0.5 ? VOWELS : CONSONANTS);
      return { letters: `${first} ${drawLetters(random, 2, 4)}` };
    },
    solve: ({ letters = "" }) =>
      isVowel(letters.slice(0, 1)) ? "vowel" : "consonant",
    shape: () => START_LABELS,
  },
];
