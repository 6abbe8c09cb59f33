/**
 * @file Families over digits and numbers written digit by digit ("3 4 7").
 */
import type { RandomStream } from "../../foundation/random.js";
import { DIGIT_SHAPE, DIGIT_WORD_SHAPE, closedSet } from "../answer-shapes.js";
import type { Family } from "../family.js";
import { DIGITS, DIGIT_WORDS } from "../lexicon.js";

function drawDigits(
  random: RandomStream,
  shortest: number,
  longest: number,
): string {
  const length = shortest + random.integer(longest - shortest + 1);
  return Array.from({ length }, () => random.pick(DIGITS)).join(" ");
}

const spaced = (value: number): string => [...String(value)].join(" ");
const valueOf = (number: string): number => Number(number.replaceAll(" ", ""));

const PARITY_LABELS = closedSet(["even", "odd"]);

const COMPARISON_LABELS = closedSet(["more", "less"]);

export const NUMBER_FAMILIES: readonly Family[] = [
  {
    name: "sort_digits",
    isClassification: false,
    split: "argument",
    weight: 1.5,
    phrasings: [
      { instruction: "sort the digits", input: "{digits}" },
      { instruction: "put {digits} in rising order" },
      {
        instruction: "order these digits from small to large",
        input: "{digits}",
      },
      { instruction: "arrange {digits} from low to high" },
    ],
    statements: [
      { text: "the digits {digits} in rising order are {answer}" },
      { text: "after you sort {digits} there is {answer}" },
      { text: "from low to high {digits} becomes {answer}" },
      { text: "people put {digits} from small to large and write {answer}" },
    ],
    draw: (random) => ({ digits: drawDigits(random, 3, 5) }),
    solve: ({ digits = "" }) => digits.split(" ").sort().join(" "),
    shape: () => DIGIT_SHAPE,
  },
  {
    name: "largest_digit",
    isClassification: false,
    split: "argument",
    weight: 1,
    phrasings: [
      { instruction: "find the largest digit", input: "{digits}" },
      { instruction: "what is the largest of {digits}" },
      { instruction: "which digit is the highest in {digits}" },
      { instruction: "give the maximum", input: "{digits}" },
    ],
    statements: [
      { text: "the largest digit in {digits} is {answer}" },
      { text: "among {digits} the highest is {answer}" },
      { text: "{digits} has the maximum {answer}" },
      { text: "people find that the highest of {digits} is {answer}" },
    ],
    draw: (random) => ({ digits: drawDigits(random, 3, 5) }),
    solve: ({ digits = "" }) => digits.split(" ").sort().at(-1),
    shape: () => DIGIT_SHAPE,
  },
  {
    name: "smallest_digit",
    isClassification: false,
    split: "argument",
    weight: 1,
    phrasings: [
      { instruction: "find the smallest digit", input: "{digits}" },
      { instruction: "what is the smallest of {digits}" },
      { instruction: "which digit is the lowest in {digits}" },
      { instruction: "give the minimum", input: "{digits}" },
    ],
    statements: [
      { text: "the smallest digit in {digits} is {answer}" },
      { text: "among {digits} the lowest is {answer}" },
      { text: "{digits} has the minimum {answer}" },
      { text: "people find that the lowest of {digits} is {answer}" },
    ],
    draw: (random) => ({ digits: drawDigits(random, 3, 5) }),
    solve: ({ digits = "" }) => digits.split(" ").sort().at(0),
    shape: () => DIGIT_SHAPE,
  },
  {
    name: "next_number",
    isClassification: false,
    split: "argument",
    weight: 1.1,
    phrasings: [
      { instruction: "what number comes after {number}" },
      { instruction: "count one up from {number}" },
      { instruction: "give the next number", input: "{number}" },
      { instruction: "add one", input: "{number}" },
    ],
    statements: [
      { text: "after {number} comes the number {answer}" },
      { text: "one more than {number} is {answer}" },
      { text: "if you add one to {number} you reach {answer}" },
      { text: "people count from {number} and the next is {answer}" },
    ],
    draw: (random) => ({ number: spaced(10 + random.integer(990)) }),
    solve: ({ number = "" }) => spaced(valueOf(number) + 1),
    shape: () => DIGIT_SHAPE,
  },
  {
    name: "spell_digits",
    isClassification: false,
    split: "argument",
    weight: 0.8,
    phrasings: [
      { instruction: "write the digits as words", input: "{digits}" },
      { instruction: "spell out {digits}" },
      { instruction: "say {digits} in words" },
      { instruction: "turn digits into words", input: "{digits}" },
    ],
    statements: [
      { text: "{digits} in words is {answer}" },
      { text: "people say {digits} as {answer}" },
      { text: "the words for the digits {digits} are {answer}" },
      { text: "people spell {digits} out and write {answer}" },
    ],
    draw: (random) => ({ digits: drawDigits(random, 2, 5) }),
    solve: ({ digits = "" }) =>
      digits
        .split(" ")
        .map((digit) => DIGIT_WORDS[Number(digit)])
        .join(" "),
    shape: () => DIGIT_WORD_SHAPE,
  },
  {
    name: "even_odd",
    isClassification: true,
    split: "argument",
    weight: 0.7,
    phrasings: [
      { instruction: "is {number} even or odd" },
      { instruction: "even or odd", input: "{number}" },
      { instruction: "tell if the number is even or odd", input: "{number}" },
    ],
    statements: [
      { text: "{number} is one {answer} number" },
      { text: "the number {number} counts as {answer}" },
    ],
    draw: (random) => ({ number: spaced(10 + random.integer(990)) }),
    solve: ({ number = "" }) => (valueOf(number) % 2 === 0 ? "even" : "odd"),
    shape: () => PARITY_LABELS,
  },
  {
    name: "compare_numbers",
    isClassification: true,
    split: "argument",
    weight: 1.2,
    phrasings: [
      { instruction: "is {left} more or less than {right}" },
      { instruction: "more or less", input: "{left} than {right}" },
      { instruction: "compare {left} with {right}" },
    ],
    statements: [
      { text: "{left} is {answer} than {right}" },
      { text: "to compare {left} and {right} shows the first is {answer}" },
    ],
    draw: (random) => {
      const [left, right] = random.sample(
        Array.from({ length: 90 }, (_, i) => i + 10),
        2,
      ) as [number, number];
      return { left: spaced(left), right: spaced(right) };
    },
    solve: ({ left = "", right = "" }) => {
      const difference = valueOf(left) - valueOf(right);
      return difference === 0 ? undefined : difference > 0 ? "more" : "less";
    },
    shape: () => COMPARISON_LABELS,
  },
];
