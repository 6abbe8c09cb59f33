/**
 * @file What a task family is: phrasings with slots, a way to draw slot values,
 * a solver, and the shape of its answers.
 *
 * Phrasings and statements are token templates: words separated by one space and
 * slots in braces. The same template draws a prompt and reads it back, so the two
 * cannot drift apart. No family uses ";" (the separator of task lists) or the
 * article "a" (a letter here).
 */
import type { RandomStream } from "../foundation/random.js";

/** Regular expression source of each slot, over single-space separated tokens. */
export const SLOT_PATTERNS = {
  letters: "[a-z](?: [a-z]){1,7}",
  letter: "[a-z]",
  digits: "[0-9](?: [0-9]){1,7}",
  number: "[1-9](?: [0-9]){0,3}",
  left: "[1-9](?: [0-9]){0,2}",
  right: "[1-9](?: [0-9]){0,2}",
  word: "[a-z]{2,}",
  words: "[a-z]{2,}(?: [a-z]{2,}){1,5}",
  kind: "[a-z]{2,}",
  count: "[2-9]",
} as const;

export type SlotName = keyof typeof SLOT_PATTERNS;

/** Slot values as text; `relation` is never spelled out but fixed by the template. */
export type SlotValues = Readonly<
  Partial<Record<SlotName | "relation", string>>
>;

export interface Phrasing {
  readonly instruction: string;
  /** Absent when the instruction carries the argument itself. */
  readonly input?: string;
  /** Values that choosing this template implies. */
  readonly fixed?: SlotValues;
}

export interface Statement {
  /** Declarative template that also has the slot `{answer}`; no final stop. */
  readonly text: string;
  readonly fixed?: SlotValues;
}

/** What the tokens of an answer may be and how near two of them are. */
export interface AnswerShape {
  /** Tokens from which wrong answers are drawn. */
  readonly tokens: readonly string[];
  /** Whether the token is of the right kind for an answer to `prompt`. */
  accepts(token: string, prompt: string): boolean;
  /**
   * For one-token answers only: 2 when `given` is next to `right`, 1 when it is
   * not far, 0 otherwise. Absent where tokens have no order.
   */
  readonly closeness?: (right: string, given: string) => 0 | 1 | 2;
}

export interface Family {
  readonly name: string;
  /** True when answers come from a small fixed set of labels. */
  readonly isClassification: boolean;
  /**
   * What is held out: `argument` keeps an argument out of every text; `prompt`
   * (small fact spaces) can only keep phrasing + argument out of training sets,
   * the fact itself is shared.
   */
  readonly split: "argument" | "prompt";
  /** Relative share of the raw text; hard families get more. */
  readonly weight: number;
  readonly phrasings: readonly Phrasing[];
  readonly statements: readonly Statement[];
  draw(random: RandomStream): SlotValues;
  /** The right answer, or undefined when the slots make no task of this world. */
  solve(slots: SlotValues): string | undefined;
  shape(answer: string): AnswerShape;
}

/** One task, as text. */
export interface NurseryTask {
  readonly family: string;
  readonly instruction: string;
  /** Empty when the instruction carries its argument. */
  readonly input: string;
  /** `instruction` or `instruction : input`. */
  readonly prompt: string;
  /** The reference answer, exact. */
  readonly answer: string;
  readonly isClassification: boolean;
}

/** Puts slot values into a template. */
export function fillTemplate(
  template: string,
  values: Readonly<Record<string, string | undefined>>,
): string {
  return template.replace(
    /\{(\w+)\}/g,
    (slot, name: string) => values[name] ?? slot,
  );
}

/** Whether a template's fixed values agree with the slots. */
export function fits(
  template: { readonly fixed?: SlotValues },
  slots: SlotValues,
): boolean {
  return Object.entries(template.fixed ?? {}).every(
    ([name, value]) => slots[name as keyof SlotValues] === value,
  );
}

/** Joins instruction and input into the prompt text. */
export function joinPrompt(instruction: string, input: string): string {
  return input === "" ? instruction : `${instruction} : ${input}`;
}
