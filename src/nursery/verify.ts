/**
 * @file The verifier: the graded truth about an answer.
 *
 * It measures and labels seed data (as the human annotator); it is never the
 * reward of the loop, except in the control arm that is named for it.
 *
 * | points | sequence or one-token answer |
 * | --- | --- |
 * | 0, at once | empty; unfinished; any token of the wrong kind; more than twice as long as the right answer |
 * | +1 right kind | every token is of the family's kind (letters, digits, labels …) |
 * | +1 right length | as many tokens as the right answer |
 * | +1 partly right | edit similarity ≥ 1/2; a single digit at most 3 away |
 * | +1 nearly right | edit similarity ≥ 3/4; a single digit at most 1 away |
 * | +1 exact | the same text |
 *
 * Edit similarity = 1 − Levenshtein distance / length of the longer token list.
 * So a wrong label scores 2, trailing extra text costs the length point and
 * similarity, and only the exact text scores 5.
 */
import type { NurseryTask } from "./family.js";
import { familyNamed } from "./families.js";

export type Score = 0 | 1 | 2 | 3 | 4 | 5;

export interface Verification {
  readonly score: Score;
  /** True exactly when the score is 5. */
  readonly correct: boolean;
}

/**
 * Grades a response.
 * @param outcome `finished`: the model ended the answer itself (not cut by length)
 */
export function verify(
  task: NurseryTask,
  response: string,
  outcome: { readonly finished: boolean },
): Verification {
  const score = outcome.finished ? grade(task, response) : 0;
  return { score, correct: score === 5 };
}

function grade(task: NurseryTask, response: string): Score {
  const right = task.answer.split(" ");
  const given = response.trim().split(/\s+/);
  const shape = familyNamed(task.family).shape(task.answer);
  if (
    given.length > 2 * right.length ||
    !given.every((token) => shape.accepts(token, task.prompt))
  )
    return 0;
  if (given.join(" ") === task.answer) return 5;
  const similarity =
    1 - editDistance(right, given) / Math.max(right.length, given.length);
  const isSingle = right.length === 1 && given.length === 1;
  const closeness = isSingle
    ? (shape.closeness?.(right[0] as string, given[0] as string) ?? 0)
    : Number(similarity >= 0.5) + Number(similarity >= 0.75);
  return (1 + Number(given.length === right.length) + closeness) as Score;
}

/** Levenshtein distance over tokens. */
export function editDistance(
  left: readonly string[],
  right: readonly string[],
): number {
  let previous = Array.from({ length: right.length + 1 }, (_, j) => j);
  for (const [i, token] of left.entries()) {
    const current = [i + 1];
    for (const [j, other] of right.entries()) {
      current.push(
        Math.min(
          (previous[j + 1] as number) + 1,
          (current[j] as number) + 1,
          (previous[j] as number) + Number(token !== other),
        ),
      );
    }
    previous = current;
  }
  return previous[right.length] as number;
}
