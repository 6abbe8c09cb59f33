import fc from "fast-check";
import { renameSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { TableQuery, TableRow } from "../api/api.js";
import { openRunRows, type RunRows } from "./run-rows.js";
import type { Ledger } from "../../ledger/ledger.js";
import { temporaryFolder } from "../../../test/ledger/support.js";
import {
  addToRun,
  madeRun,
  writeFamily,
  type MadeRun,
} from "../../../test/dashboard/made-run.js";

function rowsOf(run: MadeRun): RunRows {
  const rows = openRunRows(run, { cache: temporaryFolder() });
  onTestFinished(() => {
    rows.close();
  });
  return rows;
}

/** All pages one after the other. */
async function everyRow(
  rows: RunRows,
  table: string,
  query: TableQuery,
): Promise<TableRow[]> {
  const all: TableRow[] = [];
  for (let after: string | undefined; ;) {
    const page = await rows.page(table, {
      ...query,
      ...(after === undefined ? {} : { after }),
    });
    all.push(...page.rows);
    if (page.next === null) return all;
    after = page.next;
  }
}

interface Answer {
  readonly tokens: number;
  readonly finishReason: "stop" | "length";
  readonly modelId: number | null;
  readonly text: string;
}

function writeCandidates(ledger: Ledger, answers: readonly Answer[]): void {
  const seeds = ledger.stage("start", "h");
  seeds.insert(
    "models",
    ["M0", "M1"].map((name) => ({
      key: name,
      name,
      path: name,
      weightHash: name,
    })),
  );
  seeds.insertPrompts([{ key: "p", text: "a prompt", origin: "file" }]);
  seeds.complete({ requested: 0, accepted: 0, rejected: 0, failed: 0 });
  insertCandidates(ledger, answers, 0);
}

function insertCandidates(
  ledger: Ledger,
  answers: readonly Answer[],
  from: number,
): void {
  ledger.stage("answers", "h").insert(
    "candidates",
    answers.map((answer, i) => ({
      key: `${from + i}`,
      promptId: 1,
      sampleIndex: 0,
      mergedCount: 1,
      ...answer,
    })),
  );
}

const answer = fc.record({
  tokens: fc.integer({ min: 0, max: 5 }),
  finishReason: fc.constantFrom("stop" as const, "length" as const),
  modelId: fc.constantFrom(null, 1, 2),
  text: fc.constantFrom("red fish", "blue fish", "红色的鱼", 'say "AND" OR'),
});

test("pages in every order give every row once, as a plain sort has them", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(answer, { minLength: 1, maxLength: 30 }),
      fc.constantFrom("id", "tokens", "finish_reason", "model_id", "stage"),
      fc.constantFrom("up" as const, "down" as const),
      fc.integer({ min: 1, max: 7 }),
      async (answers, sort, direction, limit) => {
        const run = madeRun((ledger) => {
          writeCandidates(ledger, answers);
        });
        const rows = rowsOf(run);
        const found = await everyRow(rows, "candidates", {
          sort,
          direction,
          limit,
        });
        const keyOf = (place: number): string | number | null => {
          const { tokens, finishReason, modelId } = answers[place] as Answer;
          return {
            id: place,
            tokens,
            finish_reason: finishReason,
            model_id: modelId,
            stage: "answers",
          }[sort];
        };
        const sign = direction === "down" ? -1 : 1;
        const expected = [...answers.keys()].sort((a, b) => {
          const [one, other] = [keyOf(a), keyOf(b)];
          if (one === other) return a - b;
          if (one === null) return 1;
          if (other === null) return -1;
          return one < other ? -sign : sign;
        });
        expect(found.map(({ id }) => id - 1)).toEqual(expected);
        rows.close();
      },
    ),
    { numRuns: 15 },
  );
});

test("filters give what a plain filter gives, with the number of all of them", async () => {
  const run = madeRun(writeFamily);
  const rows = rowsOf(run);
  const ids = async (table: string, ...filter: string[]): Promise<number[]> => {
    const page = await rows.page(table, { filter });
    expect(page.total).toBe(page.rows.length);
    return page.rows.map(({ id }) => id);
  };
  expect(await ids("judgements", "score:ge:4")).toEqual([1, 3]);
  expect(await ids("judgements", "score:ne:5")).toEqual([2, 3, 4]);
  expect(await ids("judgements", "score:eq:")).toEqual([4]);
  expect(await ids("judgements", "kind:ne:score")).toEqual([4]);
  expect(await ids("judgements", "constrained:eq:true")).toEqual([2]);
  expect(await ids("candidates", "tokens:gt:3", "prompt_id:eq:2")).toEqual([4]);
  expect(await ids("candidates", "id:le:2")).toEqual([1, 2]);
  expect(await ids("rejections", "rule:has:VEL")).toEqual([1]);
});

test("numbers are told apart to their last digit", async () => {
  const scores = [0.1 + 0.2, 0.3, 1 / 3];
  const run = madeRun((ledger) => {
    const stage = ledger.stage("judgements", "h");
    stage.insertPrompts([{ key: "p", text: "a prompt", origin: "file" }]);
    stage.insert("candidates", [
      {
        key: "c",
        promptId: 1,
        sampleIndex: 0,
        text: "an answer",
        tokens: 2,
        finishReason: "stop",
        mergedCount: 1,
      },
    ]);
    stage.insert(
      "judgements",
      scores.map((score, sampleIndex) => ({
        key: `${sampleIndex}`,
        candidateId: 1,
        judge: "self",
        sampleIndex,
        raw: "",
        kind: "score" as const,
        score,
        constrained: false,
      })),
    );
  });
  const rows = rowsOf(run);
  const sorted = await rows.page("judgements", { sort: "score" });
  expect(sorted.rows.map(({ cells }) => cells["score"])).toEqual([
    0.3,
    0.1 + 0.2,
    1 / 3,
  ]);
  const filter = [`score:eq:${0.1 + 0.2}`];
  const one = await rows.page("judgements", { filter });
  expect(one.rows.map(({ id }) => id)).toEqual([1]);
});

test("what cannot be asked is refused with what can", async () => {
  const rows = rowsOf(madeRun(writeFamily));
  const asked = (query: TableQuery, table = "candidates") =>
    rows.page(table, query);
  await expect(asked({}, "runs")).rejects.toMatchObject({ status: 404 });
  await expect(asked({ sort: "text" })).rejects.toMatchObject({ status: 400 });
  await expect(asked({ sort: "id; DROP TABLE runs" })).rejects.toMatchObject({
    status: 400,
  });
  for (const filter of ["tokens", "tokens:eq", "tokens:is:3", "nothing:eq:3"])
    await expect(asked({ filter: [filter] })).rejects.toMatchObject({
      status: 400,
    });
  await expect(asked({ filter: ["tokens:gt:many"] })).rejects.toThrow(
    "a number was expected",
  );
  await expect(asked({ after: "x" })).rejects.toMatchObject({ status: 400 });
  await expect(asked({ limit: 501 })).rejects.toMatchObject({ status: 400 });
  await expect(rows.row("candidates", 99)).rejects.toMatchObject({
    status: 404,
  });
});

test("rows that are added while one pages come behind those there were", async () => {
  const made = (count: number): Answer[] =>
    Array.from({ length: count }, () => ({
      tokens: 1,
      finishReason: "stop",
      modelId: null,
      text: "x",
    }));
  const run = madeRun((ledger) => {
    writeCandidates(ledger, made(5));
  });
  const rows = rowsOf(run);
  const first = await rows.page("candidates", { sort: "tokens", limit: 3 });
  expect(first.total).toBe(5);
  addToRun(run, (ledger) => {
    ledger.stage("start", "h");
    insertCandidates(ledger, made(2), 5);
  });
  const second = await rows.page("candidates", {
    sort: "tokens",
    after: first.next as string,
  });
  expect(second.rows.map(({ id }) => id)).toEqual([4, 5, 6, 7]);
  expect(second.total).toBe(7);
});

test("a ledger that takes the place of another is read from its first row on", async () => {
  const answers = [1, 2, 3].map((tokens) => ({
    tokens,
    finishReason: "stop" as const,
    modelId: null,
    text: "old",
  }));
  const run = madeRun((ledger) => {
    writeCandidates(ledger, answers);
  });
  const other = madeRun((ledger) => {
    writeCandidates(ledger, [
      { tokens: 9, finishReason: "length", modelId: 2, text: "new" },
    ]);
  });
  const rows = rowsOf(run);
  renameSync(join(other.folder, "ledger.db"), join(run.folder, "ledger.db"));
  const page = await rows.page("candidates", { sort: "tokens" });
  expect(page.rows.map(({ cells }) => cells["text"])).toEqual(["new"]);
});

test("a pair is followed up to its seeds and down to the model's measurement", async () => {
  const rows = rowsOf(madeRun(writeFamily));
  const { row, stage, relations } = await rows.row("pairs", 1);
  expect(stage).toBe("round-1/pairs");
  expect(row.cells).toMatchObject({
    prompt: "name a warm thing",
    chosen: "fire",
    rejected: "ice",
    margin: 4,
  });
  const found = Object.fromEntries(
    relations.map(({ key, table, rows: shown }) => [
      key,
      shown.map(({ id }) => `${table} ${id}`),
    ]),
  );
  expect(found).toEqual({
    prompt: ["prompts 1"],
    "written-from-seeds": ["seed_tasks 1", "seed_tasks 2"],
    "written-from-prompts": [],
    "seeds-behind": ["seed_tasks 1", "seed_tasks 2"],
    "chosen-answer": ["candidates 1"],
    "rejected-answer": ["candidates 2"],
    answers: ["candidates 1", "candidates 2"],
    "judged-by": ["judgements 1", "judgements 2"],
    trained: ["training_rows 1"],
    "trained-model": ["models 2"],
    measured: ["evaluations 1"],
  });
  const second = await rows.relation("prompts", 2, "seeds-behind");
  expect(second.rows.map(({ id }) => id)).toEqual([1, 2, 3]);
});

test("a seed is followed to all that came of it", async () => {
  const rows = rowsOf(madeRun(writeFamily));
  const { relations } = await rows.row("seed_tasks", 1);
  const found = Object.fromEntries(
    relations.map(({ key, rows: shown }) => [key, shown.map(({ id }) => id)]),
  );
  expect(found).toEqual({
    "written-into": [1],
    descendants: [1, 2],
    answers: [1, 2, 3, 4],
    pairs: [1],
    trained: [],
    "trained-model": [],
  });
  const nearest = await rows.relation("rejections", 1, "nearest-seed");
  expect(nearest.rows.map(({ id }) => id)).toEqual([1]);
});
