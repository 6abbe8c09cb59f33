/**
 * @file English, with the rules of the released code of Self-Instruct
 * (`bootstrap_instructions.py` at 0b26ccaa, function `post_process_gpt3_response`),
 * number for number and word for word.
 *
 * Deviations: the released code lower-cases everything but the first letter of an
 * accepted instruction (Python's `capitalize`), which turns "SQL" into "sql"; we
 * leave the case alone, and so ask the program rule without regard to case. And its
 * `startswith("Write a program")` also refuses "Write a programme for a concert";
 * we want the whole word.
 */
import type { LanguagePack } from "./language-pack.js";
import { blank, lengthBounds, matches, startsWith } from "./rules.js";

/** Words between white space, as Python's `str.split()` counts them. */
function countWords(text: string): number {
  const trimmed = text.trim();
  return trimmed === "" ? 0 : trimmed.split(/\s+/u).length;
}

export const english: LanguagePack = {
  id: "en",
  name: "English",
  tokenizer: "rouge",
  length: countWords,
  lengthUnit: "words",
  inputSeparator: "\n\n",
  oneRightOutput: false,
  instructionRules: [
    blank,
    // Released code: more than 3 and at most 150.
    ...lengthBounds({ least: 4, most: 150, unit: "words", length: countWords }),
    {
      // Things a language model cannot see, make or visit.
      name: "forbidden-word",
      violation: matches(
        /\b(?:images?|graphs?|pictures?|files?|maps?|draw|plot|go to)\b/iu,
      ),
    },
    {
      // Models add it to everything.
      name: "program-request",
      violation: matches(/^\s*write a program\b/iu),
    },
    {
      // Python's string.punctuation.
      name: "leading-punctuation",
      violation: startsWith(/[!-/:-@[-`{-~]/u),
    },
    { name: "non-language-start", violation: startsWith(/[^\p{ASCII}]/u) },
  ],
  colons: [":"],
  numerals: [],
  brackets: ["[]", "【】", "［］"],
  variants: [],
  labels: {
    task: ["Task", "Instruction"],
    example: ["Example", "Instance"],
    input: ["Input"],
    output: ["Output", "Answer", "Response"],
    classLabel: ["Class label", "Label"],
    classification: ["Classification", "Is it classification?"],
    yes: ["yes", "true"],
    no: ["no", "not", "false"],
    noInput: [
      "noinput",
      "no input",
      "no input needed",
      "no input required",
      "no input is needed",
      "no input is required",
      "input not needed",
      "empty",
      "blank",
    ],
    noOutput: [
      "nooutput",
      "no output",
      "output",
      "no answer",
      "no response",
      "noinput",
      "no input",
      // What a form has before it is filled in, and what points elsewhere.
      "todo",
      "tbd",
      "answer here",
      "output here",
      "your answer here",
      "your output here",
      "your response here",
      "insert answer here",
      "insert output here",
      "same as above",
      "see above",
      "as above",
    ],
  },
};
