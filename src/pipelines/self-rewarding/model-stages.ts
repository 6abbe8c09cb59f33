/**
 * @file The stages that make models: M0 is registered, M1 is taught on IFT and EFT,
 * each later one is trained on the preferences of the one before.
 */
import { join, relative } from "node:path";
import { openCheckpoint } from "../../checkpoints/checkpoint.js";
import { parameterCount } from "../../checkpoints/parameter-table.js";
import type {
  PreferenceRow,
  PromptCompletionRow,
  SupervisedRow,
} from "../../data/records.js";
import { crashPoint } from "../../foundation/crash-point.js";
import { writeJsonLines } from "../../foundation/json-lines.js";
import type { Stage } from "../../ledger/stage.js";
import type {
  OptimizationSettings,
  StepMetrics,
} from "../../training/trainer.js";
import type { JudgedCandidate } from "./judgement-stage.js";
import { groupByPrompt, type Pair } from "./pair-stage.js";
import {
  allAccepted,
  derivedSeed,
  runStage,
  type LoopModel,
  type RunContext,
} from "./run-context.js";
import type { TeachingRow, TeachingRows } from "./teaching-rows.js";

interface ModelOutput {
  readonly rowId: number;
  readonly weightHash: string;
  readonly parameters: number;
  readonly rows: number;
}

/** The base model as a row of the run. */
export async function baseStage(context: RunContext): Promise<LoopModel> {
  const path = context.recipe.base;
  const { output } = await runStage(context, {
    name: "M0/base",
    title: "the base model is opened",
    inputs: {},
    work: async (stage) => ({
      counts: allAccepted(1),
      output: await registerModel(context, {
        stage,
        id: "M0",
        path,
        parent: null,
        rows: 0,
      }),
    }),
  });
  return loopModel("M0", path, output);
}

/** M1 = supervised fine-tuning of M0 on IFT + EFT (Self-Rewarding, section 2.1). */
export async function teachStage(
  context: RunContext,
  base: LoopModel,
  rows: TeachingRows,
): Promise<LoopModel> {
  const { recipe } = context;
  const {
    judgeWeight: _weight,
    promptWritingRows: _rows,
    ...settings
  } = recipe.teaching;
  const taught = [...rows.ift, ...rows.eft, ...rows.promptWriting];
  const all = taught.map(({ row }) => row);
  return trainedModel(context, {
    id: "M1",
    parent: base,
    stageName: "M1/teach",
    title: `M0 is taught on ${all.length} IFT and EFT rows`,
    rows: all,
    sources: seedSources(context, taught),
    train: (output, onStep) =>
      context.trainer.sft({
        checkpoint: base.path,
        output,
        rows: all,
        settings: {
          ...settings,
          shuffle: true,
          seed: derivedSeed(recipe.seed, "teach"),
        },
        signal: context.signal,
        onStep,
      }),
  });
}

/** M_{t+1} from M_t: DPO on the pairs, or supervised on the best answers alone. */
export async function preferStage(
  context: RunContext,
  step: {
    readonly round: number;
    readonly from: LoopModel;
    readonly pairs: readonly Pair[];
    readonly judged: readonly JudgedCandidate[];
    readonly teaching: TeachingRows;
  },
): Promise<LoopModel> {
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
  const optimization: OptimizationSettings = {
    ...shared,
    shuffle: true,
    seed: derivedSeed(recipe.seed, "round", round, "train"),
  };
  const rehearsed = rehearse.flatMap((kind) => step.teaching[kind]);
  const rehearsal = rehearsed.map(({ row }) => row);
  const preferences = pairs.map(preferenceRow);
  const best =
    mode === "sft-best"
      ? bestAnswers(step.judged, recipe.pairs.finishedOnly)
      : [];
  // Positive-only training rehearses one seed row for each answer.
  const mixed =
    mode === "sft-best" && rehearsalEvery > 0
      ? rehearsed.slice(0, best.length)
      : [];
  const positive = [...best.map(bestRow), ...mixed.map(({ row }) => row)];
  const id = `M${round + 1}`;
  return trainedModel(context, {
    id,
    parent: from,
    stageName: `round-${round}/train`,
    title: `${from.id} becomes ${id} on ${mode === "dpo" ? `${pairs.length} pairs` : `${best.length} best answers`}`,
    rows: mode === "dpo" ? preferences : positive,
    sources:
      mode === "dpo"
        ? pairs.map(({ rowId }) => ({ pairId: rowId }))
        : [
            ...best.map(({ rowId }) => ({ candidateId: rowId })),
            ...seedSources(context, mixed),
          ],
    train: (output, onStep) =>
      mode === "dpo"
        ? context.trainer.dpo({
            checkpoint: from.path,
            output,
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
            signal: context.signal,
            onStep,
          })
        : context.trainer.sft({
            checkpoint: from.path,
            output,
            rows: positive,
            settings: optimization,
            signal: context.signal,
            onStep,
          }),
  });
}

function preferenceRow({ prompt, chosen, rejected }: Pair): PreferenceRow {
  return {
    prompt: [{ role: "user", content: prompt }],
    chosen: [{ role: "assistant", content: chosen.text }],
    rejected: [{ role: "assistant", content: rejected.text }],
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

function bestRow({ prompt, text }: JudgedCandidate): PromptCompletionRow {
  return {
    prompt: [{ role: "user", content: prompt }],
    completion: [{ role: "assistant", content: text }],
  };
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
    readonly parent: LoopModel;
    readonly stageName: string;
    readonly title: string;
    readonly rows: readonly (SupervisedRow | PreferenceRow)[];
    /** One for each row. */
    readonly sources: readonly RowSource[];
    readonly train: (
      output: string,
      onStep: (metrics: StepMetrics, totalSteps: number) => void,
    ) => Promise<void>;
  },
): Promise<LoopModel> {
  const { id, parent, stageName, rows } = step;
  const path = context.modelPath(id);
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
      let steps: StepMetrics[] = [];
      const flush = (): void => {
        stage.insert(
          "training_steps",
          steps.map((metrics) => ({
            key: String(metrics.step),
            step: metrics.step,
            metrics,
          })),
        );
        steps = [];
      };
      await step.train(path, (metrics, totalSteps) => {
        context.emit({
          type: "training-step",
          stage: stageName,
          totalSteps,
          metrics,
        });
        steps.push(metrics);
        if (steps.length >= 100) flush();
      });
      flush();
      const output = await registerModel(context, {
        stage,
        id,
        path,
        parent,
        rows: rows.length,
      });
      context.emit({ type: "model-saved", model: id, path });
      return { counts: allAccepted(rows.length), output };
    },
  });
  return loopModel(id, path, output);
}

function loopModel(
  id: string,
  path: string,
  { rowId, weightHash, parameters }: ModelOutput,
): LoopModel {
  return { id, path, rowId, weightHash, parameters };
}

async function registerModel(
  context: RunContext,
  model: {
    readonly stage: Stage;
    readonly id: string;
    readonly path: string;
    readonly parent: LoopModel | null;
    readonly rows: number;
  },
): Promise<ModelOutput> {
  const checkpoint = await openCheckpoint(model.path);
  const weightHash = await checkpoint.weightHash();
  const [rowId = 0] = model.stage.insert("models", [
    {
      key: model.id,
      name: model.id,
      path: relative(context.folder, model.path),
      weightHash,
      parentId: model.parent?.rowId ?? null,
    },
  ]);
  return {
    rowId,
    weightHash,
    parameters: parameterCount(checkpoint.config),
    rows: model.rows,
  };
}
