/**
 * @file In which order a reviewer sees the rows, and on which side the answers stand:
 * drawn for each reviewer, the same whenever it is asked.
 */
import { randomStream, type RandomStream } from "../../foundation/random.js";
import type { ReviewSubject } from "../api/api.js";

/** The row that `reviewer` sees next; undefined when all are done. */
export function nextId(
  {
    subject,
    reviewer,
  }: { readonly subject: ReviewSubject; readonly reviewer: string },
  count: number,
  done: ReadonlySet<number>,
): number | undefined {
  const random = randomStream(0, "review", subject, reviewer);
  for (const id of shuffledIds(count, random)) if (!done.has(id)) return id;
  return undefined;
}

/** Whether the chosen answer of a pair stands on the right for a blind `reviewer`. */
export function drawnSwap(reviewer: string, content: string): boolean {
  return randomStream(0, "review-sides", reviewer, content).integer(2) === 1;
}

/**
 * 1 … `count` in random order, every order as likely. Drawn as it is asked for
 * (Fisher–Yates that remembers only what moved), so that the first of a million cost
 * nothing.
 */
function* shuffledIds(count: number, random: RandomStream): Generator<number> {
  const moved = new Map<number, number>();
  for (let left = count; left > 0; left--) {
    const drawn = 1 + random.integer(left);
    yield moved.get(drawn) ?? drawn;
    moved.set(drawn, moved.get(left) ?? left);
  }
}
