/**
 * @file What Self-Instruct must know of a language: the rules an instruction and
 * an instance must pass, the words it labels things with, and how novelty splits
 * its text.
 *
 * A pack is data; it never sees a model, a pool or a file. Every rule has a name
 * under which it is switched on and off and under which its rejections are
 * recorded. Paper: section 3.2 and appendix of arXiv 2212.10560; the released
 * code is yizhongw/self-instruct at 0b26ccaa.
 */
import type { Instance } from "../records.js";

/** Rules over one instruction, in the order in which they are asked. */
export const INSTRUCTION_RULES = [
  "blank",
  "too-short",
  "too-long",
  "forbidden-word",
  "program-request",
  "leading-punctuation",
  "non-language-start",
  "wrong-language",
] as const;

/** Rules over one instance, then over all instances of one instruction. */
export const INSTANCE_RULES = [
  "empty-output",
  "output-equals-input",
  "trailing-colon",
  "duplicate-instance",
  "conflicting-outputs",
] as const;

/** Rules that the parsers apply. */
export const PARSE_RULES = ["truncated-last-item"] as const;

export type InstructionRuleName = (typeof INSTRUCTION_RULES)[number];
export type InstanceRuleName = (typeof INSTANCE_RULES)[number];
export type ParseRuleName = (typeof PARSE_RULES)[number];
export type RuleName = InstructionRuleName | InstanceRuleName | ParseRuleName;

/** Every rule there is, in the order of the stages. */
export const ALL_RULES: readonly RuleName[] = [
  ...PARSE_RULES,
  ...INSTRUCTION_RULES,
  ...INSTANCE_RULES,
];

export interface InstructionRule {
  readonly name: InstructionRuleName;
  /** Evidence of the violation, or undefined when `instruction` passes. */
  readonly violation: (instruction: string) => string | undefined;
}

/**
 * Words that stand before a colon, or are answers; the first is the one we write,
 * and the only one that can begin a second instance.
 */
export interface LabelWords {
  readonly task: readonly string[];
  readonly example: readonly string[];
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly classLabel: readonly string[];
  readonly classification: readonly string[];
  readonly yes: readonly string[];
  readonly no: readonly string[];
  /** Written by models in place of an input that is not needed. */
  readonly noInput: readonly string[];
  /** Written in place of an output; no answer to the instruction. */
  readonly noOutput: readonly string[];
}

export interface LanguagePack {
  readonly id: LanguageId;
  /** The language in its own words. */
  readonly name: string;
  /** How the novelty index splits text: Google's rouge_score, or by unicode word and CJK character. */
  readonly tokenizer: "rouge" | "unicode";
  readonly instructionRules: readonly InstructionRule[];
  /** Characters that end an unfinished input or output. */
  readonly colons: readonly string[];
  readonly labels: LabelWords;
  /** How a list item may be numbered besides ASCII digits; sources of regular expressions for one number. */
  readonly numerals: readonly string[];
  /** Pairs of brackets in which an answer may write its labels instead of with a colon. */
  readonly brackets: readonly string[];
  /** What stands before and behind a number that comes before its word (第3个任务); sources of regular expressions. */
  readonly ordinal?: readonly [before: string, behind: string];
  /** Characters of the labels that are also written another way: the one we use, then the other. */
  readonly variants: readonly string[];
  /** Length of a text in the unit of the bounds. */
  readonly length: (text: string) => number;
  /** That unit, in English, plural. */
  readonly lengthUnit: "words" | "characters";
  /** Stands between an instruction and its input where both are asked as one text. */
  readonly inputSeparator: string;
  /**
   * A task has one right output, so an instruction without input that was given
   * different outputs breaks `conflicting-outputs` too. In a natural language it
   * does not: "write a poem" may be answered in many ways.
   */
  readonly oneRightOutput: boolean;
}

/** Languages that people write; each has bundled seeds, wording and shots. */
export type NaturalLanguageId = "en" | "zh";

/** `nursery` is the closed language of the nursery world. */
export const LANGUAGE_IDS = ["en", "zh", "nursery"] as const;
export type LanguageId = (typeof LANGUAGE_IDS)[number];

export type InstructionVerdict =
  | { readonly accepted: true }
  | {
      readonly accepted: false;
      readonly rule: InstructionRuleName;
      readonly evidence: string;
    };

export interface RejectedInstance {
  readonly instance: Instance;
  readonly rule: InstanceRuleName;
  readonly evidence: string;
}
