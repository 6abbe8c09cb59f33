/**
 * @file The closed language of the nursery: about 600 word tokens, one space between
 * two, no capitals but the spelled ones.
 *
 * The English rules that would never fire here (pictures, programs) are left out; the
 * lengths are those of nursery tasks. Nothing in here knows which tasks exist: the
 * rules see words, never the verifier.
 */
import type { LanguagePack } from "./language-pack.js";
import {
  blank,
  forbiddenWords,
  leadingPunctuation,
  lengthBounds,
  nonLanguageStart,
} from "./rules.js";

function countTokens(text: string): number {
  return text.split(/\s+/u).filter((token) => token !== "").length;
}

export const nurseryLanguage: LanguagePack = {
  id: "nursery",
  name: "the nursery",
  tokenizer: "rouge",
  length: countTokens,
  lengthUnit: "words",
  inputSeparator: " : ",
  oneRightOutput: true,
  instructionRules: [
    blank(),
    ...lengthBounds({
      least: 2,
      most: 20,
      unit: "words",
      length: countTokens,
      source: "our counterpart; the seed tasks have 4 to 13",
    }),
    forbiddenWords(
      /\btasks?\b|[;?.]/u,
      "the word and the marks of the prompts: the model went on with the form, or with a statement",
    ),
    leadingPunctuation(/[!-/:-@[-`{-~]/u, "starts with a mark"),
    nonLanguageStart(
      /[a-z]/u,
      "starts with a digit or a spelled capital, which begin arguments, not instructions",
    ),
  ],
  colons: [":"],
  numerals: [],
  variants: [],
  labels: {
    task: ["task"],
    example: ["example"],
    input: ["input"],
    output: ["output"],
    classLabel: ["output"],
    classification: ["answer"],
    yes: ["yes"],
    no: ["no"],
    noInput: [],
    noOutput: [],
  },
};
