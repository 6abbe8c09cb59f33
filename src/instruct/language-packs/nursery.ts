/**
 * @file The closed language of the nursery: about 600 word tokens, one space between
 * two, no capitals but the spelled ones.
 *
 * The English rules that would never fire here (pictures, programs) are left out; the
 * lengths are those of nursery tasks. Nothing in here knows which tasks exist: the
 * rules see words, never the verifier.
 */
import type { LanguagePack } from "./language-pack.js";
import { blank, lengthBounds, matches, startsWith } from "./rules.js";

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
    blank,
    // Our counterpart; the seed tasks have 4 to 13.
    ...lengthBounds({ least: 2, most: 20, unit: "words", length: countTokens }),
    {
      // The word and the marks of the prompts: the model went on with the form, or with
      // a statement.
      name: "forbidden-word",
      violation: matches(/\btasks?\b|[;?.]/u),
    },
    {
      name: "leading-punctuation",
      violation: startsWith(/[!-/:-@[-`{-~]/u),
    },
    // Digits and spelled capitals begin arguments, not instructions.
    { name: "non-language-start", violation: startsWith(/[^a-z]/u) },
  ],
  colons: [":"],
  numerals: [],
  brackets: [],
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
