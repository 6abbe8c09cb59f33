/**
 * @file Reviews of a run over its real ledger: what is offered, what counts, what comes of
 * it.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { NewVerdict, ReviewItem, ReviewQuery } from "../api/api.js";
import { DashboardFailure } from "../api/failure.js";
import { contentHash } from "./review-items.js";
import { openReviews, type Reviews } from "./reviews.js";
import { openLedger } from "../../ledger/ledger.js";
import {
  reviewedRun,
  writePairs,
} from "../../../test/dashboard/reviewed-run.js";

type PairItem = ReviewItem & { readonly subject: "pairs" };
type RowItem = ReviewItem & { readonly subject: "rows" };

function reviewsOf(folder: string): Reviews {
  return openReviews({ id: "a", folder });
}

/** The verdict that the answer which is called good is the better one. */
function prefersGood(
  { id, content, swapped, answers, chosen }: PairItem,
  reviewer: string,
): NewVerdict {
  const better = answers[0].startsWith("Good") ? "left" : "right";
  const blind = chosen === null;
  return { subject: "pairs", id, content, swapped, reviewer, blind, better };
}

/** Everything that a reviewer is offered, in order, each judged by `judge`. */
function reviewAll<Item extends ReviewItem>(
  reviews: Reviews,
  query: ReviewQuery,
  judge: (item: Item) => NewVerdict,
): Item[] {
  const seen: Item[] = [];
  for (;;) {
    const { item, done, total } = reviews.next(query);
    expect(done).toBe(seen.length);
    if (item === null) return seen;
    expect(reviews.next(query).item).toEqual(item);
    expect(reviews.add(judge(item as Item))).toEqual({ done: done + 1, total });
    seen.push(item as Item);
  }
}

/** What `reviewer` says of a pair, shown with the judge's choice on the left. */
function verdictOn(
  id: number,
  reviewer: string,
  better: "left" | "right" | "equal",
): NewVerdict {
  const content = contentHash({
    prompt: `Do ${id}\nwith ${id}`,
    ...{ chosen: `Good ${id}`, rejected: `Bad ${id}` },
  });
  return {
    ...{ subject: "pairs", id, content, reviewer, better },
    ...{ blind: false, swapped: false },
  };
}

async function linesOf(
  reviews: Reviews,
  file: Parameters<Reviews["export"]>[0],
): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const line of reviews.export(file)) rows.push(JSON.parse(line));
  return rows;
}

function failureOf(action: () => unknown): DashboardFailure {
  try {
    action();
  } catch (cause) {
    if (cause instanceof DashboardFailure) return cause;
    throw cause;
  }
  throw new Error("Nothing was thrown; a DashboardFailure was expected.");
}

test("each reviewer is offered every pair once, in an order of their own", () => {
  const reviews = reviewsOf(reviewedRun({ pairs: 12 }));
  const orders = ["Ann", "Bob"].map((reviewer) =>
    reviewAll<PairItem>(reviews, { subject: "pairs", reviewer }, (item) =>
      prefersGood(item, reviewer),
    ).map(({ id }) => id),
  );
  for (const order of orders)
    expect([...order].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 12 }, (_, i) => i + 1),
    );
  expect(orders[0]).not.toEqual(orders[1]);
  expect(reviews.summary().reviewers).toEqual([
    { reviewer: "Ann", verdicts: 12 },
    { reviewer: "Bob", verdicts: 12 },
  ]);
});

test("to a blind reviewer sides are drawn and the choice is hidden, and what counts is the answer that was meant", () => {
  const reviews = reviewsOf(reviewedRun({ pairs: 20 }));
  const query = { subject: "pairs", reviewer: "Ann", blind: true } as const;
  const items = reviewAll<PairItem>(reviews, query, (item) =>
    prefersGood(item, "Ann"),
  );
  expect(new Set(items.map(({ chosen }) => chosen))).toEqual(new Set([null]));
  const left = items.filter(({ answers }) => answers[0].startsWith("Good"));
  expect(left.length).toBeGreaterThan(0);
  expect(left.length).toBeLessThan(20);
  for (const { swapped, answers } of items)
    expect(answers[0].startsWith("Bad")).toBe(swapped);
  expect(reviews.summary().pairs).toEqual({
    ...{ agree: 20, disagree: 0, equal: 0 },
  });
});

test("agreement is the share of decided pairs, equals left out, with Wilson's interval", () => {
  const reviews = reviewsOf(reviewedRun({ pairs: 12 }));
  for (let id = 1; id <= 8; id++) reviews.add(verdictOn(id, "Ann", "left"));
  for (const id of [9, 10]) reviews.add(verdictOn(id, "Ann", "right"));
  for (const id of [11, 12]) reviews.add(verdictOn(id, "Ann", "equal"));
  const { agreement, pairs, betweenReviewers, quality } = reviews.summary();
  expect(pairs).toEqual({ agree: 8, disagree: 2, equal: 2 });
  // p = 0.8, n = 10, z = 1.96: (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n).
  expect(agreement?.mean).toBe(0.8);
  expect(agreement?.low).toBeCloseTo(0.4902, 4);
  expect(agreement?.high).toBeCloseTo(0.9433, 4);
  expect([betweenReviewers, quality]).toEqual([null, null]);
});

test("the last verdict of a reviewer counts, most reviewers decide, and all verdicts are kept", async () => {
  const reviews = reviewsOf(reviewedRun({ pairs: 2 }));
  for (const verdict of [
    verdictOn(1, "Ann", "right"),
    verdictOn(1, "Ann", "left"),
    verdictOn(1, "Bob", "left"),
    verdictOn(1, "Cat", "right"),
    verdictOn(2, "Ann", "left"),
    verdictOn(2, "Bob", "right"),
  ])
    reviews.add(verdict);
  const { pairs, betweenReviewers, agreement } = reviews.summary();
  // Pair 1: two against one for the judge's choice. Pair 2: one against one.
  expect(pairs).toEqual({ agree: 1, disagree: 0, equal: 1 });
  expect(agreement?.mean).toBe(1);
  expect(betweenReviewers).toMatchObject({ pairs: 2, agreement: { mean: 0 } });
  expect(await linesOf(reviews, "verdicts.jsonl")).toMatchObject([
    {
      ...{ reviewer: "Ann", subject: "pairs", stage: "round-1/pairs" },
      ...{ key: "p1", row: 1 },
      verdict: { better: "rejected", blind: false, swapped: false },
      on: { prompt: "Do 1\nwith 1", chosen: "Good 1", rejected: "Bad 1" },
    },
    { reviewer: "Ann", row: 1, verdict: { better: "chosen" } },
    { reviewer: "Bob", row: 1 },
    { reviewer: "Cat", row: 1 },
    { reviewer: "Ann", row: 2 },
    { reviewer: "Bob", row: 2 },
  ]);
});

test("reviewed rows give Self-Instruct's quality table", () => {
  const reviews = reviewsOf(reviewedRun({ pairs: 2 }));
  const seen = reviewAll<RowItem>(
    reviews,
    { subject: "rows", reviewer: "Ann" },
    ({ id, content, output }) => ({
      ...{ subject: "rows", id, content, reviewer: "Ann" },
      ...{ instruction: true, input: id !== 4 },
      output: output.startsWith("Good"),
    }),
  );
  expect(seen.find(({ id }) => id === 1)).toMatchObject({
    ...{ instruction: "Do 1", input: "with 1", output: "Good 1" },
  });
  expect(reviews.summary().quality).toMatchObject({
    rows: 4,
    instruction: { mean: 1, high: 1 },
    input: { mean: 0.75 },
    output: { mean: 0.5 },
    all: { mean: 0.5 },
  });
});

test("a verdict on no row, on another content or on other sides than shown is refused and not recorded", () => {
  const reviews = reviewsOf(reviewedRun({ pairs: 1 }));
  const verdict = verdictOn(1, "Ann", "left");
  const refused = [
    { ...verdict, id: 99 },
    { ...verdict, content: "0" },
    { ...verdict, swapped: true } as NewVerdict,
  ].map((one) => failureOf(() => reviews.add(one)).status);
  expect(refused).toEqual([404, 409, 409]);
  expect(reviews.next({ subject: "pairs", reviewer: "Ann" }).done).toBe(0);
});

test("in a ledger made anew a verdict counts again where its row came out the same, and is told of where not", () => {
  const folder = reviewedRun({ pairs: 3 });
  const reviews = reviewsOf(folder);
  for (const id of [1, 2, 3]) reviews.add(verdictOn(id, "Ann", "right"));
  const ledger = openLedger({ path: join(folder, "ledger.db"), mode: "write" });
  const fresh = ledger.renew({ name: "b" });
  expect(reviews.summary()).toMatchObject({ without: 3, agreement: null });
  writePairs(fresh, { pairs: 2 });
  fresh.close();
  expect(reviews.summary()).toMatchObject({
    without: 1,
    pairs: { agree: 0, disagree: 2, equal: 0 },
  });
});

test("the corrected pairs have the reviewers' side, none that are equal, and the judge's where nobody looked", async () => {
  const reviews = reviewsOf(reviewedRun({ pairs: 4 }));
  reviews.add(verdictOn(1, "Ann", "right"));
  reviews.add(verdictOn(2, "Ann", "left"));
  reviews.add(verdictOn(3, "Ann", "equal"));
  const said = (role: string, content: string) => [{ role, content }];
  expect(await linesOf(reviews, "pairs.jsonl")).toEqual([
    {
      prompt: said("user", "Do 1\nwith 1"),
      chosen: said("assistant", "Bad 1"),
      rejected: said("assistant", "Good 1"),
      source: "reviewer",
    },
    expect.objectContaining({
      chosen: said("assistant", "Good 2"),
      source: "reviewer",
    }),
    expect.objectContaining({
      chosen: said("assistant", "Good 4"),
      source: "judge",
    }),
  ]);
});

test("a run that speaks to its models in plain text has its pairs so too", async () => {
  const folder = reviewedRun({ pairs: 1 });
  mkdirSync(join(folder, "datasets"));
  writeFileSync(
    join(folder, "datasets", "M1.jsonl"),
    '{"prompt":"Q: x\\n","completion":"y"}\n',
  );
  expect(await linesOf(reviewsOf(folder), "pairs.jsonl")).toEqual([
    {
      prompt: "Q: Do 1\nwith 1\n",
      ...{ chosen: "Good 1", rejected: "Bad 1", source: "judge" },
    },
  ]);
});

test.each([{ weighed: false }, { weighed: true }])(
  "a judge is taught by those judgements of its own that rank as the reviewers do, weighed: $weighed",
  async ({ weighed }) => {
    const reviews = reviewsOf(reviewedRun({ pairs: 3, weighed }));
    reviews.add(verdictOn(1, "Ann", "left"));
    reviews.add(verdictOn(2, "Ann", "right"));
    const row = { prompt: "Do 1\nwith 1", rationale: "Because." };
    expect(await linesOf(reviews, "eft.jsonl")).toEqual([
      { ...row, response: "Good 1", score: 4 },
      { ...row, response: "Bad 1", score: 1 },
    ]);
  },
);

test("a run without pairs has no files of pairs, and says so", async () => {
  const reviews = reviewsOf(reviewedRun({ pairs: 0 }));
  expect(reviews.next({ subject: "pairs", reviewer: "Ann" })).toEqual({
    ...{ done: 0, total: 0, item: null },
  });
  await expect(linesOf(reviews, "pairs.jsonl")).rejects.toMatchObject({
    code: "LEDGER",
  });
  expect(await linesOf(reviews, "verdicts.jsonl")).toEqual([]);
});
