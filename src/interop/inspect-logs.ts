/**
 * @file What each model of a run answered to the held-out prompts, as logs of Inspect
 * (version 2 of its JSON form, https://inspect.aisi.org.uk/eval-logs.html), one a model.
 *
 * Only what a log must have is written; what `inspect` fills in by itself is left out.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { measurementSchema } from "../evaluation/measurement.js";
import { AutodidactError } from "../foundation/error.js";
import { hashOf } from "../foundation/hash.js";
import { readJsonLines } from "../foundation/json-lines.js";
import { mean } from "../foundation/statistics.js";
import { writeFileAtomic } from "../foundation/storage.js";
import type { LedgerReader } from "../ledger/ledger.js";
import type { Row } from "../ledger/records.js";
import type { RunRecord } from "../ledger/run-record.js";
import { stageOf } from "../ledger/stage-counts.js";
import type { WrittenFile } from "./written-file.js";

const TASK = "held-out";

/** A line of `answers/M1.jsonl`; what else it has is the prompt's. */
const answerRow = z.looseObject({
  prompt: z.string(),
  response: z.string(),
  tokens: z.number(),
  finished: z.boolean(),
  /** By the verifier, where there is one. */
  correct: z.boolean().optional(),
  score: z.number().optional(),
  /** What is right, where the held-out file says. */
  answer: z.unknown(),
});

type AnswerRow = z.output<typeof answerRow>;

const selfScored = measurementSchema.pick({ selfScores: true });

/**
 * Writes `FOLDER/TIME_held-out_MODEL.json` for every model whose answers the run holds.
 * @param run the run folder
 * @throws BAD_INPUT for a damaged file of answers; STORAGE
 */
export async function writeInspectLogs(
  ledger: LedgerReader,
  folder: string,
  run: string,
): Promise<readonly WrittenFile[]> {
  const record = ledger.run();
  const written: WrittenFile[] = [];
  for (const model of ledger.read("models")) {
    const answers = join(run, "answers", `${model.name}.jsonl`);
    if (record === undefined || !existsSync(answers)) continue;
    const rows = await readAnswers(answers);
    const log = logOf(record, model, {
      rows,
      ...measurementOf(ledger, model.id),
    });
    const path = join(
      folder,
      `${fileTime(record.created)}_${TASK}_${model.name}.json`,
    );
    await writeFileAtomic(path, JSON.stringify(log, null, 2));
    written.push({ path, rows: rows.length });
  }
  return written;
}

async function readAnswers(path: string): Promise<AnswerRow[]> {
  const rows: AnswerRow[] = [];
  for await (const { line, value } of readJsonLines(path)) {
    const row = answerRow.safeParse(value);
    if (!row.success)
      throw new AutodidactError(
        "BAD_INPUT",
        `${path}, line ${line}: it is no answer to a held-out prompt (${row.error.issues[0]?.path.join(".") ?? ""}: ${row.error.issues[0]?.message ?? ""}). The command that made the run writes the file anew.`,
        { path, line },
      );
    rows.push(row.data);
  }
  return rows;
}

interface Measuring {
  /** Of each held-out prompt, by the model's own judging; empty where it did not judge. */
  readonly selfScores: readonly (number | null)[];
  /** ISO times; null where the ledger does not say, or it is not complete. */
  readonly begun: string | null;
  readonly completed: string | null;
}

function measurementOf(ledger: LedgerReader, modelId: number): Measuring {
  const where = { modelId, name: "measurement" };
  const [measured] = ledger.read("evaluations", { where });
  const stage = measured && stageOf(ledger.counts(), measured);
  return {
    selfScores: selfScored.safeParse(measured?.result).data?.selfScores ?? [],
    begun: stage?.begun ?? null,
    completed: stage?.completed ?? null,
  };
}

/** Inspect knows a log by a name that begins with a time. */
function fileTime(created: string): string {
  return created.replace(/\.\d+Z$/u, "+00-00").replaceAll(":", "-");
}

interface Measured extends Measuring {
  readonly rows: readonly AnswerRow[];
}

function logOf(
  run: RunRecord,
  model: Row<"models">,
  { rows, selfScores, begun, completed }: Measured,
): object {
  const { packageVersion: autodidact } = run.environment;
  const name = `autodidact/${model.name}`;
  const samples = rows.map((row, index) =>
    sampleOf(row, { index, name, selfScore: selfScores[index] ?? null }),
  );
  const identity = (part: string): string =>
    hashOf([run.recipeHash, run.seed, run.created, part]).slice(0, 22);
  return {
    version: 2,
    status: "success",
    eval: {
      run_id: identity("run"),
      task_id: identity(TASK),
      eval_id: identity(model.name),
      created: run.created,
      task: TASK,
      task_version: 0,
      dataset: {
        name: TASK,
        samples: rows.length,
        sample_ids: samples.map(({ id }) => id),
      },
      model: name,
      config: {},
      packages: { autodidact },
      metadata: { seed: run.seed, weight_hash: model.weightHash },
    },
    results: {
      total_samples: rows.length,
      completed_samples: rows.length,
      scores: [...SCORERS].flatMap(([scorer, { metric, valueOf }]) => {
        const values = rows.flatMap(
          (row, index) => valueOf(row, selfScores[index] ?? null) ?? [],
        );
        const value = mean(values.map(Number));
        if (value === null) return [];
        const metrics = { [metric]: { name: metric, value } };
        return [{ name: scorer, scorer, metrics }];
      }),
    },
    stats: {
      started_at: begun ?? run.created,
      completed_at: completed ?? begun ?? run.created,
    },
    samples,
  };
}

interface Scorer {
  readonly metric: "accuracy" | "mean";
  readonly valueOf: (
    row: AnswerRow,
    selfScore: number | null,
  ) => boolean | number | null | undefined;
}

const SCORERS: ReadonlyMap<string, Scorer> = new Map<string, Scorer>([
  ["correct", { metric: "accuracy", valueOf: ({ correct }) => correct }],
  ["score", { metric: "mean", valueOf: ({ score }) => score }],
  ["self_reward", { metric: "mean", valueOf: (_row, self) => self }],
]);

function sampleOf(
  row: AnswerRow,
  of: {
    readonly index: number;
    readonly name: string;
    readonly selfScore: number | null;
  },
) {
  const { prompt, response, tokens, finished, answer, ...more } = row;
  const { correct: _correct, score: _score, ...metadata } = more;
  const said = { role: "assistant", content: response, model: of.name };
  const scores = [...SCORERS].flatMap(([scorer, { valueOf }]) => {
    const value = valueOf(row, of.selfScore) ?? null;
    if (value === null) return [];
    const shown = typeof value === "boolean" ? (value ? "C" : "I") : value;
    return [[scorer, { value: shown, answer: response }] as const];
  });
  return {
    id: of.index + 1,
    epoch: 1,
    input: prompt,
    target: typeof answer === "string" ? answer : "",
    messages: [{ role: "user", content: prompt }, said],
    output: {
      model: of.name,
      choices: [
        { message: said, stop_reason: finished ? "stop" : "max_tokens" },
      ],
      usage: {
        ...{ input_tokens: 0, output_tokens: tokens, total_tokens: tokens },
      },
    },
    scores: Object.fromEntries(scores),
    metadata,
  };
}
