/**
 * @file A review of a real run of Self-Instruct that is then asked for more: its ledger is
 * made anew, and no verdict is lost.
 */
import { expect, test } from "vitest";
import { openReviews } from "../../src/dashboard/review/reviews.js";
import {
  opener,
  runInstruct,
  runOptions,
  testFolders,
} from "../instruct/run-folder.js";
import { scriptedAuthor } from "../instruct/scripted-author.js";

const folders = testFolders();

test("verdicts on instances count on when the run was asked for more, and only the new ones are offered", async () => {
  const folder = await folders();
  const author = scriptedAuthor();
  const run = (accept: number) =>
    runInstruct(
      runOptions(folder, opener(author), { accept, inFlight: 4, seed: 5 }),
    );
  await run(5);
  const reviews = openReviews({ id: "a", folder });
  const query = { subject: "rows", reviewer: "Ann" } as const;
  const { total } = reviews.next(query);
  expect(total).toBeGreaterThan(0);
  const seen = new Set<string>();
  for (let done = 0; done < total; done++) {
    const { item } = reviews.next(query);
    if (item?.subject !== "rows") throw new Error("A row was expected.");
    const { subject, id, content, output } = item;
    seen.add(content);
    reviews.add({
      ...{ subject, id, content, reviewer: "Ann" },
      ...{ instruction: true, input: true, output: output.length % 2 === 0 },
    });
  }
  const before = reviews.summary();
  expect(before.quality?.rows).toBe(total);

  await run(20);
  expect(reviews.summary()).toEqual(before);
  const next = reviews.next(query);
  expect(next.done).toBe(total);
  expect(next.total).toBeGreaterThan(total);
  expect(seen.has(next.item?.content ?? "")).toBe(false);
});
