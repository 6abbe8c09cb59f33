/**
 * @file The judge's instructions: an additive rubric of five points, and a comparison.
 *
 * The idea of adding a point for each level reached is from Self-Rewarding Language
 * Models (arXiv 2401.10020, Figure 2); the words are ours.
 */

/** For models that read; `{prompt}` and `{response}` are filled in. */
export const ADDITIVE_RUBRIC = `You will grade how well a response serves the person who asked. Start from zero and add one point for each statement that holds:

1. The response has to do with the request and tells the person something.
2. It covers a substantial part of what was asked, even if not all of it.
3. It answers the core of the request in a way the person can use.
4. It reads as a direct, complete and well-ordered answer from a helpful assistant.
5. It shows real expertise, fits this very request, and wastes no words.

Request:
{prompt}

Response:
{response}

First justify your total in at most 100 words. Then end with one line in exactly this form:
Score: <total from 0 to 5>`;

/** What the judge writes; `{rationale}` and `{score}` are filled in for training rows. */
export const ADDITIVE_ANSWER = "{rationale}\nScore: {score}";

/** For two answers; `{prompt}`, `{first}` and `{second}` are filled in. */
export const COMPARISON_RUBRIC = `You will read two answers to the same request and say which one serves the person who asked better. Look at whether an answer is right, does what was asked, and can be used as it stands. Neither the order of the answers nor their length counts.

Request:
{prompt}

Answer A:
{first}

Answer B:
{second}

First compare them in at most 100 words. Then end with one line in exactly this form:
Better: <A, B, or C where neither is better>`;

/** What a judge of two answers writes. */
export const COMPARISON_ANSWER = "{rationale}\nBetter: {choice}";

/** Fills `{name}` slots; what is filled in is not looked at again. */
export function fillSlots(
  template: string,
  slots: Readonly<Record<string, string>>,
): string {
  return template.replace(
    /\{(\w+)\}/g,
    (whole, name: string) => slots[name] ?? whole,
  );
}
