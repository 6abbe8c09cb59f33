/**
 * @file What each rule refused, in the words of somebody who has not read the code.
 */
import type { GIVEN_UP, REFUSED } from "../../instruct/stages.js";
import type {
  InstanceRuleName,
  RuleName,
} from "../../instruct/language-packs/language-pack.js";
import type { RejectionRule } from "../../instruct/instruction-filter.js";

/** Every rule under which a run records a rejection. */
type RecordedRule =
  | RuleName
  | RejectionRule
  | InstanceRuleName
  | "unreadable"
  | typeof REFUSED
  | typeof GIVEN_UP;

const WORDS: Readonly<Record<RecordedRule, string>> = {
  "truncated-last-item": "cut off by the token limit",
  reasoning: "hidden reasoning, no answer",
  preamble: "talk before the first item",
  "outside-list": "text between or after the items",
  "self-answer": "the model answered its own new task",
  ambiguous: "could be read as one example or as several",
  "marks-inside": "marks of reasoning or of turns within the text",
  "blank-item": "a number with nothing behind it",
  "no-output": "an example without an output",
  "too-many-items": "more than were asked for",
  "no-structure": "nothing in the form that was asked for",
  "empty-answer": "an answer without text",
  blank: "nothing that can be seen",
  "too-short": "too few words to be a task",
  "too-long": "too many words for one task",
  "forbidden-word": "needs more than text, such as a picture or a file",
  "program-request": "“write a program”, in the stock phrase",
  "leading-punctuation": "begins with a punctuation mark",
  "non-language-start": "begins with a character of no word",
  "wrong-language": "in another language",
  duplicate: "word for word in the pool already",
  "not-novel": "too similar to something in the pool",
  surplus: "good, but there were enough by then",
  "empty-output": "an instance without an output",
  "output-equals-input": "the output repeats the input",
  "trailing-colon": "input or output breaks off at a colon",
  "duplicate-instance": "the same instance twice",
  "conflicting-outputs": "one input, different outputs",
  unreadable: "neither yes nor no",
  "request-refused": "the endpoint gave no answer",
  "request-given-up": "no answer so far; the same command asks again",
};

/** The rule in plain words; empty for a rule of a later version. */
export function ruleInWords(rule: string): string {
  return (WORDS as Readonly<Record<string, string>>)[rule] ?? "";
}
