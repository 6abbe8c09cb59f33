/**
 * @file What the suites with reference answers share: the grade of an answer and the
 * figures, rates in percent as their own programs print them.
 */
import { mean } from "../../foundation/statistics.js";
import { fixed } from "../../text/number-words.js";
import {
  matchReferences,
  type ReferenceMatch,
} from "../verifiers/references.js";
import type { SuiteFigures, SuiteTask } from "./suite.js";

export interface ReferenceTask extends SuiteTask {
  /** At least one. */
  readonly references: readonly string[];
}

/** Fields that the row of an answer gains; `rougeL` is 0 … 1. */
interface ReferenceGrade {
  readonly rougeL: number;
  readonly exact_match: boolean;
}

export function gradeByReferences(
  { references }: ReferenceTask,
  response: string,
): ReferenceGrade {
  const match: ReferenceMatch = matchReferences(references, response);
  return { rougeL: match.rougeL, exact_match: match.exactMatch };
}

export function referenceFigures(
  graded: readonly { readonly grade: ReferenceGrade }[],
): SuiteFigures {
  const rate = (value: (grade: ReferenceGrade) => number): number =>
    100 * (mean(graded.map(({ grade }) => value(grade))) ?? 0);
  const rougeL = rate((grade) => grade.rougeL);
  const exactMatch = rate((grade) => Number(grade.exact_match));
  return {
    figures: { rougeL, exact_match: exactMatch },
    lines: [
      `ROUGE-L             ${fixed(rougeL)}`,
      `exact match         ${fixed(exactMatch)}`,
    ],
  };
}
