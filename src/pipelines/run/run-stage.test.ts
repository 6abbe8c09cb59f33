/**
 * @file Chunks of a stage's work: how many are asked for at once, and in which order they
 * are kept.
 */
import { expect, test } from "vitest";
import type { RunEvent } from "../../events/run-event.js";
import { inChunks } from "./run-stage.js";

const ITEMS = [1, 2, 3, 4, 5, 6, 7];

/** Two items a chunk; what was asked and kept, and the answers to be given. */
function work(lanes: number | undefined, there: readonly number[] = []) {
  const told: string[] = [];
  const answers = new Map<
    number,
    { resolve: (answer: string) => void; reject: (error: Error) => void }
  >();
  const events: RunEvent[] = [];
  const done = inChunks(
    {
      emit: (event) => events.push(event),
      signal: new AbortController().signal,
    },
    {
      ...{ stage: { name: "s" }, items: ITEMS, size: 2, unit: "items", lanes },
      isThere: (first) => there.includes(first),
      ask: ([first = 0]) => {
        told.push(`ask ${first}`);
        return new Promise<string>((resolve, reject) => {
          answers.set(first, { resolve, reject });
        });
      },
      keep: ([first], answer) => told.push(`keep ${first} ${answer}`),
    },
  );
  return { told, answers, events, done };
}

/** Lets everything go on that can. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 10));

test("one chunk after the other, where calls take turns", async () => {
  const { told, answers, done } = work(undefined, [3]);
  await settle();
  expect(told).toEqual(["ask 1"]);
  for (const first of [1, 5, 7]) {
    answers.get(first)?.resolve("a");
    await settle();
  }
  await done;
  expect(told).toEqual([
    ...["ask 1", "keep 1 a", "ask 5", "keep 5 a"],
    ...["ask 7", "keep 7 a"],
  ]);
});

test("a server is asked as far ahead as it answers at once, and kept in order", async () => {
  const { told, answers, events, done } = work(3);
  await settle();
  // Two items and three more: the third chunk has begun within them.
  expect(told).toEqual(["ask 1", "ask 3", "ask 5"]);
  answers.get(5)?.resolve("c");
  answers.get(3)?.resolve("b");
  await settle();
  expect(told).toHaveLength(3);
  answers.get(1)?.resolve("a");
  await settle();
  answers.get(7)?.resolve("d");
  await done;
  expect(told.filter((each) => each.startsWith("keep"))).toEqual([
    ...["keep 1 a", "keep 3 b", "keep 5 c", "keep 7 d"],
  ]);
  expect(events.map((event) => "done" in event && event.done)).toEqual([
    ...[2, 4, 6, 7],
  ]);
});

test("a chunk that fails ends the work when those under way have ended too", async () => {
  const { told, answers, done } = work(2);
  let ended = false;
  const failure = done.catch((error: unknown) => {
    ended = true;
    return error;
  });
  await settle();
  answers.get(1)?.reject(new Error("refused"));
  await settle();
  expect(ended).toBe(false);
  answers.get(3)?.resolve("b");
  expect(await failure).toMatchObject({ message: "refused" });
  expect(told).toEqual(["ask 1", "ask 3"]);
});
