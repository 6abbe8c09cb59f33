/**
 * @file `autodidact export` of a run's ledger with the real binary: what reviewers left,
 * trained on, and the folders for other tools.
 */
import { readdirSync, readFileSync } from "node:fs";
import { parquetReadObjects } from "hyparquet";
import { expect, test } from "vitest";
import { contentHash } from "../../src/dashboard/review/review-items.js";
import { openReviews } from "../../src/dashboard/review/reviews.js";
import { reviewedRun } from "../dashboard/reviewed-run.js";
import { TINY, workFolder } from "./stage-files.js";

/** A run of four pairs; of the first the reviewer prefers the answer that was rejected. */
function runWithVerdict(): string {
  const folder = reviewedRun({ pairs: 4 });
  openReviews({ id: "a", folder }).add({
    ...{ subject: "pairs", id: 1, reviewer: "Ann", better: "right" },
    ...{ blind: false, swapped: false },
    content: contentHash({
      prompt: "Do 1\nwith 1",
      ...{ chosen: "Good 1", rejected: "Bad 1" },
    }),
  });
  return folder;
}

test("the corrected pairs are what train dpo trains on", async () => {
  const work = workFolder();
  const run = runWithVerdict();
  const exported = await work.run(
    ...["export", "--run", run, "--format", "reviewed-pairs"],
    ...["--out", "corrected.jsonl"],
  );
  expect(exported).toMatchObject({ code: 0, stderr: "" });
  expect(exported.stdout).toBe(
    `4 rows of ${run} as reviewed-pairs: corrected.jsonl\n`,
  );
  expect(
    work.rows("corrected.jsonl").map(({ chosen, source }) => [chosen, source]),
  ).toEqual([
    [[{ role: "assistant", content: "Bad 1" }], "reviewer"],
    ...[2, 3, 4].map((i) => [
      [{ role: "assistant", content: `Good ${i}` }],
      "judge",
    ]),
  ]);
  const trained = await work.run(
    ...["train", "dpo", "--model", TINY, "--data", "corrected.jsonl"],
    ...["--out", "out", "--epochs", "1", "--batch-size", "2"],
  );
  expect(trained.code).toBe(0);
  expect(trained.stdout).toContain("4 rows, 2 steps");
});

test("verdicts and rows for the judge go to standard output where asked", async () => {
  const work = workFolder();
  const run = runWithVerdict();
  const lines = async (format: string): Promise<unknown[]> => {
    const { code, stdout } = await work.run(
      ...["export", "--run", run, "--format", format, "--out", "-"],
    );
    expect(code).toBe(0);
    return stdout
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as unknown);
  };
  expect(await lines("verdicts")).toMatchObject([
    { reviewer: "Ann", verdict: { better: "rejected" } },
  ]);
  // The judge ranked the one reviewed pair otherwise.
  expect(await lines("reviewed-eft")).toEqual([]);
});

test("every table with rows is a Parquet file, the verdicts too", async () => {
  const work = workFolder();
  const { code, stdout } = await work.run(
    ...["export", "--run", runWithVerdict(), "--format", "tables"],
    ...["--out", "tables", "--json"],
  );
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ format: "tables" });
  expect(readdirSync(work.at("tables")).sort()).toEqual([
    ...["candidates.parquet", "judgements.parquet", "pairs.parquet"],
    ...["prompts.parquet", "verdicts.parquet"],
  ]);
  const rowsOf = (name: string): Promise<unknown[]> =>
    parquetReadObjects({
      file: new Uint8Array(readFileSync(work.at(`tables/${name}.parquet`)))
        .buffer,
    });
  expect((await rowsOf("pairs"))[0]).toMatchObject({
    ...{ id: 1n, stage: "round-1/pairs", key: "p1", chosen_id: 1n },
    ...{ rejected_id: 2n, margin: 3, evidence: null },
  });
  expect(await rowsOf("verdicts")).toMatchObject([
    { reviewer: "Ann", subject: "pairs", row_id: 1n },
  ]);
});

test.each([
  {
    what: "a run that has trained nothing",
    format: "tensorboard",
    out: "events",
    code: 3,
    says: "has nothing yet that tensorboard could hold",
  },
  {
    what: "a folder on standard output",
    format: "inspect",
    out: "-",
    code: 2,
    says: "Give --out a folder",
  },
])("$what is refused by name", async ({ format, out, code, says }) => {
  const work = workFolder();
  const refused = await work.run(
    ...["export", "--run", runWithVerdict(), "--format", format],
    ...["--out", out],
  );
  expect(refused.code).toBe(code);
  expect(refused.stderr).toContain(says);
  expect(readdirSync(work.path)).toEqual([]);
});
