/**
 * @file What a constraint is: a wish about the form of a response that a program can
 * check, by the ids and arguments of IFEval (Zhou et al. 2023, arXiv 2311.07911).
 *
 * The checks follow the reference in lm-eval 0.4.13 (`lm_eval/tasks/ifeval`,
 * Apache-2.0) character by character; what Python means by a character is in
 * `src/text/python`.
 */
import { z } from "zod";
import { messageOf } from "../../../foundation/error.js";

/** A check with its arguments filled in. */
export type Check = (response: string) => boolean;

export interface ConstraintKind {
  readonly schema: z.ZodType<Check>;
}

/** A kind from the form of its arguments and what it checks. */
export function constraint<Shape extends z.ZodRawShape>(
  shape: Shape,
  follows: (
    response: string,
    args: z.output<z.ZodObject<Shape, z.core.$strict>>,
  ) => boolean,
): ConstraintKind {
  const schema = z
    .strictObject(shape)
    .transform((args) => (response: string) => follows(response, args));
  return { schema };
}

export const countField = z
  .int("it must be a whole number")
  .min(1, "it must be at least 1");

export const phraseField = z
  .string("it must be text")
  .min(1, "it must not be empty");

/** A text that is searched as a pattern of Python's `re`. */
export const patternField = (compile: (text: string) => RegExp) =>
  phraseField.transform((text, context) => {
    try {
      return compile(text);
    } catch (error) {
      context.addIssue(`it is no regular expression: ${messageOf(error)}`);
      return z.NEVER;
    }
  });

export const relationField = z.enum(
  ["less than", "at least"],
  'it must be "less than" or "at least"',
);

export function holds(
  count: number,
  relation: z.output<typeof relationField>,
  bound: number,
): boolean {
  return relation === "less than" ? count < bound : count >= bound;
}
