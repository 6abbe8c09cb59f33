/**
 * @file The stages that make models: M0 is registered, M1 is taught on IFT and EFT,
 * each later one is trained on the preferences of the one before.
 */
import { counted } from "../../text/number-words.js";
import { join, relative } from "node:path";
import { openCheckpoint } from "../../checkpoints/checkpoint.js";
import { parameterCount } from "../../checkpoints/weights/parameter-table.js";
import type {
  PreferenceRow,
  PromptCompletionRow,
  SupervisedRow,
} from "../../data/records.js";
import { crashPoint } from "../../foundation/crash-point.js";
import { writeJsonLines } from "../../foundation/json-lines.js";
import { derivedSeed } from "../../foundation/random.js";
import type { Stage } from "../../ledger/stage.js";
import type { TrainingJob } from "../../training/trainer.js";
import { allAccepted, runStage } from "../run/run-stage.js";
import { stepRecorder } from "../run/step-recorder.js";
import type { PromptForm } from "./base-model.js";
import type { JudgedCandidate } from "./judgement-stage.js";
import { groupByPrompt, type Pair } from "./pair-stage.js";
import type { TrainedModel, RunContext } from "./run-context.js";
import type { TeachingRow, TeachingRows } from "./teaching-rows.js";
import {
  adapterPlace,
  optimizationSettings,
  type OptimizationKeys,
} from "./training-settings.js";

interface ModelOutput {
  readonly rowId: number;
  readonly weightHash: string;
  readonly parameters: number;
  readonly rows: number;
}

/** The base model as a row of the run. */
export async function baseStage(context: RunContext): Promise<TrainedModel> {
  const { folder, name, weightHash, parameters } = context.base;
  const { output } = await runStage(context, {
    name: "M0/base",
    title: "the base model is opened",
    inputs: {},
    work: (stage) => {
      const rowId = registerModel(stage, {
        id: "M0",
        source: name,
        weightHash,
        parent: null,
      });
      const made = { rowId, weightHash, parameters, rows: 0 };
      return Promise.resolve({ counts: allAccepted(1), output: made });
    },
  });
  return { id: "M0", path: folder, source: name, ...identityOf(output) };
}

/** M1 = supervised fine-tuning of M0 on IFT + EFT (Self-Rewarding, section 2.1). */
export async function teachStage(
  context: RunContext,
  base: TrainedModel,
  rows: TeachingRows,
): Promise<TrainedModel> {
  const { recipe } = context;
  const {
    judgeWeight: _weight,
    promptWritingRows: _rows,
    ...keys
  } = recipe.teaching;
  const settings = optimizationSettings(
    context,
    keys,
    derivedSeed(recipe.seed, "teach"),
  );
  const taught = [...rows.ift, ...rows.eft, ...rows.promptWriting];
  const all = taught.map(({ row }) => row);
  return trainedModel(context, {
    id: "M1",
    parent: base,
    stageName: "M1/teach",
    title: `M0 is taught on ${all.length} IFT and EFT rows`,
    rows: all,
    sources: seedSources(context, taught),
    lora: keys.lora,
    train: (job) => context.trainer.sft({ ...job, rows: all, settings }),
  });
}

/** M_{t+1} from M_t: DPO on the pairs, or supervised on the best answers alone. */
export async function preferStage(
  context: RunContext,
  step: {
    readonly round: number;
    readonly from: TrainedModel;
    readonly pairs: readonly Pair[];
    readonly judged: readonly JudgedCandidate[];
    readonly teaching: TeachingRows;
  },
): Promise<TrainedModel> {
  const { recipe } = context;
  const { round, from, pairs } = step;
  const {
    mode,
    beta,
    loss,
    labelSmoothing,
    nllWeight,
    lengthNormalized,
    rehearsalEvery,
    rehearsalBatchSize,
    rehearse,
    ...shared
  } = recipe.preference;
  const optimization = optimizationSettings(
    context,
    shared,
    derivedSeed(recipe.seed, "round", round, "train"),
  );
  const rehearsed = rehearse.flatMap((kind) => step.teaching[kind]);
  const rehearsal = rehearsed.map(({ row }) => row);
  const preferences = pairs.map((pair) => preferenceRow(context.form, pair));
  const best =
    mode === "sft-best"
      ? bestAnswers(step.judged, recipe.pairs.finishedOnly)
      : [];
  // Positive-only training rehearses one seed row for each answer.
  const mixed =
    mode === "sft-best" && rehearsalEvery > 0
      ? rehearsed.slice(0, best.length)
      : [];
  const positive = [
    ...best.map((answer) => bestRow(context.form, answer)),
    ...mixed.map(({ row }) => row),
  ];
  const id = `M${round + 1}`;
  return trainedModel(context, {
    id,
    parent: from,
    stageName: `round-${round}/train`,
    title: `${from.id} becomes ${id} on ${mode === "dpo" ? counted(pairs.length, "pair") : counted(best.length, "best answer")}`,
    rows: mode === "dpo" ? preferences : positive,
    sources:
      mode === "dpo"
        ? pairs.map(({ rowId }) => ({ pairId: rowId }))
        : [
            ...best.map(({ rowId }) => ({ candidateId: rowId })),
            ...seedSources(context, mixed),
          ],
    lora: shared.lora,
    train: (job) =>
      mode === "dpo"
        ? context.trainer.dpo({
            ...job,
            rows: preferences,
            rehearsal,
            settings: {
              ...optimization,
              beta,
              loss,
              labelSmoothing,
              nllWeight,
              lengthNormalized,
              rehearsalEvery,
              rehearsalBatchSize,
            },
          })
        : context.trainer.sft({
            ...job,
            rows: positive,
            settings: optimization,
          }),
  });
}

function preferenceRow(
  { ask, answer }: PromptForm,
  { prompt, chosen, rejected }: Pair,
): PreferenceRow {
  return {
    prompt: ask(prompt),
    chosen: answer(chosen.text),
    rejected: answer(rejected.text),
  };
}

/** The highest-scored answer of each prompt (the paper's positive-only ablation). */
function bestAnswers(
  judged: readonly JudgedCandidate[],
  finishedOnly: boolean,
): JudgedCandidate[] {
  return [...groupByPrompt(judged).values()].flatMap((candidates) => {
    const eligible = candidates.filter(
      ({ score, finished }) => score !== null && (finished || !finishedOnly),
    );
    const [first] = eligible;
    if (first === undefined) return [];
    return [
      eligible.reduce(
        (top, next) => ((next.score ?? 0) > (top.score ?? 0) ? next : top),
        first,
      ),
    ];
  });
}

function bestRow(
  { ask, answer }: PromptForm,
  { prompt, text }: JudgedCandidate,
): PromptCompletionRow {
  return { prompt: ask(prompt), completion: answer(text) };
}

/** Where a training row comes from: exactly one of the ids. */
interface RowSource {
  readonly pairId?: number;
  readonly candidateId?: number;
  readonly seedTaskId?: number;
}

function seedSources(
  { ledger }: RunContext,
  rows: readonly TeachingRow[],
): RowSource[] {
  const ids = new Map(
    [...ledger.read("seed_tasks")].map(({ key, id }) => [key, id]),
  );
  return rows.map(({ seedKey }) => ({
    seedTaskId: ids.get(seedKey) as number,
  }));
}

async function trainedModel(
  context: RunContext,
  step: {
    readonly id: string;
    readonly parent: TrainedModel;
    readonly stageName: string;
    readonly title: string;
    readonly rows: readonly (SupervisedRow | PreferenceRow)[];
    /** One for each row. */
    readonly sources: readonly RowSource[];
    readonly lora: OptimizationKeys["lora"];
    readonly train: (job: TrainingJob) => Promise<void>;
  },
): Promise<TrainedModel> {
  const { id, parent, stageName, rows } = step;
  const path = context.modelPath(id);
  const source = relative(context.folder, path);
  const { output } = await runStage(context, {
    name: stageName,
    title: step.title,
    inputs: { parent: parent.weightHash, rows },
    work: async (stage) => {
      await writeJsonLines(
        join(context.folder, "datasets", `${id}.jsonl`),
        rows,
      );
      stage.insert(
        "training_rows",
        step.sources.map((source, position) => ({
          key: String(position),
          dataset: `${id}.jsonl`,
          position,
          ...source,
        })),
      );
      crashPoint("dataset-written");
      const recorder = stepRecorder(stage, context.emit);
      await step.train({
        checkpoint: parent.path,
        output: path,
        ...adapterPlace(step, path),
        saveEvery: context.recipe.saveEvery,
        signal: context.signal,
        onStep: recorder.onStep,
      });
      recorder.flush();
      const checkpoint = await openCheckpoint(path);
      const weightHash = await checkpoint.weightHash();
      const rowId = registerModel(stage, { id, source, weightHash, parent });
      context.emit({ type: "model-saved", model: id, path });
      return {
        counts: allAccepted(rows.length),
        output: {
          rowId,
          weightHash,
          parameters: parameterCount(checkpoint.config),
          rows: rows.length,
        },
      };
    },
  });
  return { id, path, source, ...identityOf(output) };
}

function identityOf({
  rowId,
  weightHash,
  parameters,
}: ModelOutput): Omit<ModelOutput, "rows"> {
  return { rowId, weightHash, parameters };
}

/** Writes the model's row; gives its id. */
function registerModel(
  stage: Stage,
  model: {
    readonly id: string;
    readonly source: string;
    readonly weightHash: string;
    readonly parent: TrainedModel | null;
  },
): number {
  const { id, source, weightHash, parent } = model;
  const parentId = parent?.rowId ?? null;
  const [rowId = 0] = stage.insert("models", [
    { key: id, name: id, path: source, weightHash, parentId },
  ]);
  return rowId;
}
