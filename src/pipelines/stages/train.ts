/**
 * @file Training on a data file: rows read and measured, the trainer called, its
 * metrics written.
 *
 * Everything that can be wrong with paths and rows is found before the first step.
 * The same call goes on with a training that was stopped.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TextTokenizer } from "../../checkpoints/tokenizer/tokenizer.js";
import { resolveModel } from "../../checkpoints/hub/hub.js";
import {
  readPreferenceRows,
  readRewardRows,
  readSupervisedRows,
} from "../../data/training-rows.js";
import { encodeSupervised } from "../../models/encode-rows.js";
import type { TokenSequence } from "../../models/token-sequence.js";
import { encodePreference } from "../../training/preference-pair.js";
import { encodeRanked } from "../../training/reward.js";
import { openForTraining } from "../../training/session.js";
import type {
  DpoSettings,
  OptimizationSettings,
  RewardSettings,
  RewardTrainer,
  StepListener,
  StepMetrics,
  Trainer,
  TrainingJob,
} from "../../training/trainer.js";
import { withOutputLock } from "../../ledger/writer-lock.js";
import { metricsFile } from "./metrics-file.js";
import {
  otherResult,
  requireReplaceableFolder,
  requireWritableFile,
} from "../run/output-path.js";

export interface TrainingOrder<T = Trainer> {
  /** Checkpoint folder or Hub id. */
  readonly model: string;
  /** JSON Lines of training rows. */
  readonly data: string;
  /** Folder of the new checkpoint. */
  readonly out: string;
  /** Where step metrics go; nowhere when undefined. */
  readonly metrics: string | undefined;
  /** Steps between saved states. */
  readonly saveEvery: number;
  /** Replace what another training left in `out`. */
  readonly overwrite: boolean;
  readonly trainer: T;
  readonly signal: AbortSignal;
  readonly onStep: StepListener;
  readonly onPreparation: NonNullable<TrainingJob["onPreparation"]>;
  readonly onSetback: NonNullable<TrainingJob["onSetback"]>;
}

export interface TrainingResult {
  readonly rows: number;
  /** Rows of which only the first `maxLength` tokens were used. */
  readonly shortened: number;
  /** Rows that were too long to be used at all. */
  readonly leftOut: number;
  /** Longest sequence used: the one asked for, or what the model has room for. */
  readonly maxLength: number;
  /** An earlier call had finished this very training; nothing was done. */
  readonly reused: boolean;
  readonly last: StepMetrics | null;
}

/** @throws BAD_INPUT, BAD_CHECKPOINT, STORAGE, NUMERIC; INTERRUPTED with the state saved */
export async function trainSftOnFile(
  order: TrainingOrder,
  settings: OptimizationSettings,
): Promise<TrainingResult> {
  const rows = (await readSupervisedRows(order.data)).map(({ row }) => row);
  return train(order, settings.maxLength, {
    lengths: (tokenizer) =>
      lengthsOf(
        rows.map((row) =>
          encodeSupervised(tokenizer, row, Number.POSITIVE_INFINITY),
        ),
      ),
    run: (job, maxLength) =>
      order.trainer.sft({ ...job, rows, settings: { ...settings, maxLength } }),
  });
}

/** @throws BAD_INPUT, BAD_CHECKPOINT, STORAGE, NUMERIC; INTERRUPTED with the state saved */
export async function trainDpoOnFile(
  order: TrainingOrder,
  settings: DpoSettings,
): Promise<TrainingResult> {
  const rows = (await readPreferenceRows(order.data)).map(({ row }) => row);
  return train(order, settings.maxLength, {
    lengths: (tokenizer) =>
      lengthsOf(
        rows.map(async (row) => {
          const pair = await encodePreference(
            tokenizer,
            row,
            Number.POSITIVE_INFINITY,
          );
          return pair.chosen.ids.length > pair.rejected.ids.length
            ? pair.chosen
            : pair.rejected;
        }),
      ),
    run: (job, maxLength) =>
      order.trainer.dpo({
        ...job,
        rows,
        rehearsal: [],
        settings: { ...settings, maxLength },
      }),
  });
}

/** @throws BAD_INPUT, BAD_CHECKPOINT, STORAGE, NUMERIC; INTERRUPTED with the state saved */
export async function trainRewardOnFile(
  order: TrainingOrder<RewardTrainer>,
  settings: RewardSettings,
): Promise<TrainingResult> {
  const rows = (await readRewardRows(order.data)).map(({ row }) => row);
  return train(order, settings.maxLength, {
    tooLong: "leftOut",
    lengths: (tokenizer) =>
      Promise.all(
        rows.map(
          async (row) => (await encodeRanked(tokenizer, row, null)).longest,
        ),
      ),
    run: (job, maxLength) =>
      order.trainer.reward({
        ...job,
        rows,
        settings: { ...settings, maxLength },
      }),
  });
}

async function lengthsOf(
  rows: readonly Promise<TokenSequence>[],
): Promise<number[]> {
  return (await Promise.all(rows)).map(({ ids }) => ids.length);
}

async function train(
  order: Omit<TrainingOrder, "trainer">,
  maxLengthAsked: number,
  work: {
    /** What becomes of rows that are longer; they are shortened when absent. */
    readonly tooLong?: "leftOut";
    readonly lengths: (tokenizer: TextTokenizer) => Promise<readonly number[]>;
    readonly run: (job: TrainingJob, maxLength: number) => Promise<void>;
  },
): Promise<TrainingResult> {
  const { model, data, out, metrics, saveEvery, overwrite } = order;
  const { signal, onPreparation, onSetback } = order;
  const { folder } = await resolveModel(model, { signal });
  const { tokenizer, config } = await openForTraining({
    checkpoint: folder,
    signal,
    onPreparation,
  });
  await requireReplaceableFolder(out, "training.json", [folder]);
  if (metrics !== undefined) await requireWritableFile(metrics, [data, folder]);
  const maxLength = Math.min(maxLengthAsked, config.maxPositions);
  const lengths = await work.lengths(tokenizer);
  return withOutputLock(out, async () => {
    const earlier = await resultMark(out);
    const recorder = metrics === undefined ? null : metricsFile(metrics);
    let last: StepMetrics | null = null;
    try {
      await work.run(
        {
          checkpoint: folder,
          output: out,
          saveEvery,
          onOtherResult: () => {
            if (!overwrite) throw otherResult(out);
          },
          signal,
          onPreparation,
          onSetback,
          onStep: (step, totalSteps, recorded) => {
            last = step;
            recorder?.add(step);
            order.onStep(step, totalSteps, recorded);
          },
        },
        maxLength,
      );
    } finally {
      recorder?.close();
    }
    const long = lengths.filter((length) => length > maxLength).length;
    return {
      rows: lengths.length,
      shortened: work.tooLong === undefined ? long : 0,
      leftOut: work.tooLong === undefined ? 0 : long,
      maxLength,
      reused: earlier !== null && earlier === (await resultMark(out)),
      last,
    };
  });
}

/** What the trainer leaves in its result, different for each training; null without one. */
async function resultMark(out: string): Promise<string | null> {
  try {
    return await readFile(join(out, "training.json"), "utf8");
  } catch {
    return null;
  }
}
