/**
 * @file The exports of a run in the tools they are for: Inspect's own log reader,
 * TensorBoard's event reader and pyarrow find what the run has.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { writeInspectLogs } from "../../src/interop/inspect-logs.js";
import { writeTables } from "../../src/interop/parquet-tables.js";
import { writeTrainingEvents } from "../../src/interop/training-events.js";
import { openLedger } from "../../src/ledger/ledger.js";
import { writePairs } from "../dashboard/reviewed-run.js";
import { ENVIRONMENT, temporaryFolder } from "../ledger/support.js";

const PYTHON = process.env["AUTODIDACT_PYTHON"] ?? "python3";

const ANSWERS = [
  {
    ...{ prompt: "1 + 1", family: "sum", answer: "2", response: "2" },
    ...{ tokens: 2, finished: true, score: 5, correct: true },
  },
  {
    ...{ prompt: "2 + 2", family: "sum", answer: "4", response: "5 5 5" },
    ...{ tokens: 3, finished: false, score: 0, correct: false },
  },
];

/** A run with a measured model M1, trained in two steps, and two pairs. */
function finishedRun(): string {
  const folder = temporaryFolder();
  const ledger = openLedger({ path: join(folder, "ledger.db"), mode: "write" });
  ledger.recordRun({ recipe: {}, seed: 1, environment: ENVIRONMENT });
  writePairs(ledger, { pairs: 2 });
  const stage = ledger.stage("M1/teach", "h");
  const [modelId = 0] = stage.insert("models", [
    { key: "M1", name: "M1", path: "models/M1", weightHash: "abc" },
  ]);
  stage.insert(
    "training_steps",
    [0.5, 0.25].map((loss, i) => ({
      ...{ key: String(i), step: i + 1, metrics: { step: i + 1, loss } },
    })),
  );
  stage.insert("evaluations", [
    {
      ...{ key: "m", modelId, name: "measurement" },
      result: { selfScores: [4.5, null] },
    },
  ]);
  ledger.close();
  mkdirSync(join(folder, "answers"));
  writeFileSync(
    join(folder, "answers", "M1.jsonl"),
    ANSWERS.map((row) => `${JSON.stringify(row)}\n`).join(""),
  );
  return folder;
}

test("Inspect, TensorBoard and pyarrow read what was exported", async () => {
  const run = finishedRun();
  const [logs, events, tables] = ["logs", "events", "tables"].map((name) =>
    join(run, name),
  ) as [string, string, string];
  const ledger = openLedger({ path: join(run, "ledger.db"), mode: "read" });
  await writeInspectLogs(ledger, logs, run);
  await writeTrainingEvents(ledger, events);
  await writeTables(ledger, tables);
  ledger.close();
  const pairs = join(tables, "pairs.parquet");
  const training = join(events, "M1-teach");
  const found = JSON.parse(
    execFileSync(PYTHON, [resolve("test/peers/interop-peer.py")], {
      input: JSON.stringify({ logs, events: [training], tables: [pairs] }),
      encoding: "utf8",
    }),
  ) as unknown;
  expect(found).toEqual({
    logs: [
      {
        ...{ model: "autodidact/M1", status: "success" },
        metrics: {
          correct: { accuracy: 0.5 },
          score: { mean: 2.5 },
          self_reward: { mean: 4.5 },
        },
        samples: [
          {
            ...{ input: "1 + 1", target: "2", completion: "2", stop: "stop" },
            scores: { correct: "C", score: 5, self_reward: 4.5 },
          },
          {
            ...{ input: "2 + 2", target: "4", completion: "5 5 5" },
            ...{ stop: "max_tokens", scores: { correct: "I", score: 0 } },
          },
        ],
      },
    ],
    events: {
      [training]: {
        "train/loss": [
          [1, 0.5],
          [2, 0.25],
        ],
      },
    },
    tables: {
      [pairs]: {
        types: expect.objectContaining({
          ...{ id: "int64", stage: "string", margin: "double" },
        }) as object,
        rows: [1, 2].map(
          (i) =>
            expect.objectContaining({
              ...{ id: i, key: `p${i}`, stage: "round-1/pairs", margin: 3 },
            }) as object,
        ),
      },
    },
  });
});
