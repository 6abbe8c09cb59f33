/**
 * @file The parts that SFT and DPO share: opening a model for training, one optimizer
 * update, saving on the way, writing the result. Plain functions over one record; the
 * two loops stay readable in `sft.ts` and `dpo.ts`.
 */
import { join, resolve } from "node:path";
import { setImmediate as turnOfEventLoop } from "node:timers/promises";
import { saveCheckpoint, type Checkpoint } from "../checkpoints/checkpoint.js";
import { openModel } from "../checkpoints/open-model.js";
import {
  initAdamW,
  updateAdamW,
  type AdamWState,
} from "../engine/optimizers/adamw.js";
import { clippingScale, gradientNorm } from "../engine/optimizers/clipping.js";
import { learningRateAt } from "../engine/optimizers/schedule.js";
import type { Device } from "../engine/runtime/device.js";
import { int8Levels } from "../engine/runtime/int8-range.js";
import { crashPoint } from "../foundation/crash-point.js";
import { AutodidactError } from "../foundation/error.js";
import { hashOf } from "../foundation/hash.js";
import { isSlowToOpen } from "../models/call-size.js";
import { loadParameters, type ParameterSet } from "../models/parameters.js";
import { refuseRewardHead } from "../models/reward-head.js";
import { loadQuantized } from "../models/quantized-weights.js";
import { readJobRecord, writeJobRecord } from "./job-record.js";
import { proofScores, proofSequences } from "./proof.js";
import {
  beginAdapter,
  mergedCheckpoint,
  underAdapter,
  writeAdapter,
  type TrainedAdapter,
} from "./low-rank.js";
import type {
  OptimizationSettings,
  StepMetrics,
  TrainingJob,
} from "./trainer.js";
import { TrainingModel } from "./training-model.js";
import {
  removeTrainingState,
  restoreTrainingState,
  saveTrainingState,
  trainingStateOf,
  type TrainingProgress,
  type TrainingStateLocation,
} from "./training-state.js";

/** Long steps are saved more often than every so many: after two minutes … */
const SAVE_MS = 120_000;
/** … and so that a twentieth of the time at most goes into saving. */
const SAVE_SHARE = 20;

export interface TrainingSession {
  readonly job: TrainingJob;
  readonly jobHash: string;
  readonly checkpoint: Checkpoint;
  /** The weights of the model; with an int8 base only what is not quantized. */
  readonly parameters: ParameterSet;
  readonly adapter: TrainedAdapter | null;
  readonly model: TrainingModel;
  readonly optimizer: AdamWState;
  readonly state: TrainingStateLocation;
  readonly progress: TrainingProgress;
  /** The state on disk: its step, when it was written, how long that took (ms). */
  readonly saved: { step: number; at: number; took: number };
  readonly settings: OptimizationSettings;
  readonly totalSteps: number;
}

/** Opens the model of a job, and says so where that takes long. @throws as `openModel` */
export function openForTraining({
  checkpoint,
  signal,
  onPreparation,
}: Pick<
  TrainingJob,
  "checkpoint" | "signal" | "onPreparation"
>): Promise<Checkpoint> {
  return openModel(checkpoint, {
    ...(signal === undefined ? {} : { signal }),
    onConfig: (config) => {
      if (isSlowToOpen(config))
        onPreparation?.({ doing: "loading the model", done: 0, total: 0 });
    },
  });
}

/** Makes the model trainable and takes up a saved state; null when this very job is done already. */
export async function openSession(options: {
  readonly job: TrainingJob;
  /** What `job.checkpoint` names. */
  readonly checkpoint: Checkpoint;
  readonly kind: "sft" | "dpo" | "reward";
  readonly data: unknown;
  readonly settings: OptimizationSettings;
  readonly totalSteps: number;
  readonly device: Device;
}): Promise<TrainingSession | null> {
  const { job, checkpoint, kind, data, settings, totalSteps, device } = options;
  refuseDropout(checkpoint);
  if (kind !== "reward") refuseRewardHead(checkpoint);
  // How activations are kept changes no number, so not the job either.
  const { gradientCheckpointing = false, ...numeric } = settings;
  const jobHash = hashOf({
    kind,
    base: await checkpoint.weightHash(),
    data,
    settings: numeric,
  });
  const recorded = await readJobRecord(job.output);
  if (recorded?.jobHash === jobHash) {
    for (const metrics of recorded.metrics)
      job.onStep?.(metrics, totalSteps, true);
    job.proof?.onScores(recorded.scores ?? []);
    return null;
  }
  if (recorded !== null) job.onOtherResult?.();
  const frozen =
    settings.lora === undefined ? checkpoint : underAdapter(checkpoint);
  const { base, quantized } =
    settings.lora?.base === "int8"
      ? await loadQuantized(frozen, await int8Levels(device))
      : { base: await loadParameters(frozen), quantized: undefined };
  const adapter =
    settings.lora === undefined
      ? null
      : await beginAdapter(checkpoint, settings.lora, settings.seed);
  const model = new TrainingModel(
    { config: checkpoint.config, base, quantized, adapter },
    device,
    { gradientCheckpointing },
  );
  const optimizer = initAdamW(model.trainable.values.length);
  const state = trainingStateOf(job.output, jobHash);
  const restored = await restoreTrainingState(state, {
    parameters: model.trainable,
    optimizer,
  });
  const progress = restored ?? { step: 0, metrics: [] };
  // Listeners of a resumed run hear of the steps that were done before.
  for (const metrics of progress.metrics)
    job.onStep?.(metrics, totalSteps, true);
  return {
    job,
    jobHash,
    checkpoint,
    parameters: base,
    adapter,
    model,
    optimizer,
    state,
    progress,
    saved: { step: progress.step, at: performance.now(), took: 0 },
    settings,
    totalSteps,
  };
}

/** Says that the first step is under way, where it takes long. */
export function tellFirstStep({ job, checkpoint }: TrainingSession): void {
  if (isSlowToOpen(checkpoint.config))
    job.onPreparation?.({
      doing: "computing the first step",
      done: 0,
      total: 0,
    });
}

/** @throws BAD_CHECKPOINT for a model that is to be trained with dropout, which is not computed */
export function refuseDropout({ config, folder }: Checkpoint): void {
  if (config.dropout === undefined) return;
  throw new AutodidactError(
    "BAD_CHECKPOINT",
    `${join(folder, "config.json")} asks for training with dropout (a rate of ${config.dropout}), which this program does not do. Set attention_dropout, resid_pdrop and embd_pdrop to 0 there to train without.`,
    { path: folder, dropout: config.dropout },
  );
}

/**
 * Applies the gradients in the model: clip, AdamW, count.
 * @returns the gradient norm before clipping and the rate used
 * @throws NUMERIC when loss or gradient is not finite
 */
export function applyUpdate(
  session: TrainingSession,
  loss: number,
  rateStep: number,
): Pick<StepMetrics, "grad_norm" | "learning_rate"> {
  const { model, optimizer, settings, totalSteps } = session;
  const norm = gradientNorm(model.gradients.values);
  if (!Number.isFinite(loss) || !Number.isFinite(norm)) {
    throw new AutodidactError(
      "NUMERIC",
      `Training diverged at step ${session.progress.step + 1}: the loss is ${loss}, the gradient norm ${norm}. Lower the learning rate, or check the data for extreme rows; the last saved state is kept in ${session.state.folder}.`,
      {
        step: session.progress.step + 1,
        loss: String(loss),
        gradientNorm: String(norm),
      },
    );
  }
  const learningRate = learningRateAt({ ...settings, totalSteps }, rateStep);
  updateAdamW(optimizer, model.trainable.values, model.gradients.values, {
    ...settings,
    learningRate,
    gradientScale: clippingScale(norm, settings.maxGradNorm),
    decayed: model.trainable.matrixRanges(),
  });
  return { grad_norm: norm, learning_rate: learningRate };
}

/** Records a finished step; saves now and then; stops when asked to. @throws INTERRUPTED */
export async function finishStep(
  session: TrainingSession,
  metrics: StepMetrics,
): Promise<void> {
  const { job, progress, saved, totalSteps } = session;
  progress.step = metrics.step;
  progress.metrics.push(metrics);
  job.onStep?.(metrics, totalSteps, false);
  crashPoint("training-step");
  await stopWithinStep(session);
  const quiet = performance.now() - saved.at;
  const due = quiet > Math.max(SAVE_MS, SAVE_SHARE * saved.took);
  if (due || progress.step % (job.saveEvery ?? 500) === 0)
    await save(session, { flush: true });
}

/** When asked to stop: saves the last finished step; what was begun after it is done again. @throws INTERRUPTED */
export async function stopWithinStep(session: TrainingSession): Promise<void> {
  const { job, progress, saved, totalSteps } = session;
  // The runtime computes on this thread: a signal takes a turn of the event loop to come
  // and another to be heard, and a call that began before would take seconds more.
  for (let turn = 0; turn < 2; turn++) await turnOfEventLoop();
  if (job.signal?.aborted !== true) return;
  if (saved.step < progress.step) await save(session, { flush: false });
  throw new AutodidactError(
    "INTERRUPTED",
    `Training stopped after step ${progress.step} of ${totalSteps}. Run the same command again to go on.`,
    { step: progress.step },
  );
}

async function save(
  { state, model, optimizer, progress, saved }: TrainingSession,
  options: { readonly flush: boolean },
): Promise<void> {
  const started = performance.now();
  await saveTrainingState(
    state,
    { parameters: model.trainable, optimizer, progress },
    options,
  );
  saved.step = progress.step;
  saved.at = performance.now();
  saved.took = saved.at - started;
}

/** Scores the rows of the proof, writes what was trained and clears the working state. */
export async function closeSession(session: TrainingSession): Promise<void> {
  const { job, jobHash, model, checkpoint } = session;
  const asked = await proofSequences(job, checkpoint);
  const scores = await proofScores(model, asked);
  await writeOutput(session);
  const { metrics } = session.progress;
  await writeJobRecord(job.output, { jobHash, metrics, scores });
  crashPoint("model-saved");
  await removeTrainingState(session.state);
  job.proof?.onScores(scores);
}

async function writeOutput(session: TrainingSession): Promise<void> {
  const { job, jobHash, checkpoint, parameters, adapter, settings } = session;
  if (adapter !== null && settings.lora?.output === "adapter")
    return writeAdapter(job.output, resolve(job.checkpoint), adapter);
  if (adapter !== null && job.adapterOutput !== undefined)
    await writeAdapter(job.adapterOutput, resolve(job.checkpoint), adapter);
  const merged =
    adapter === null ? null : mergedCheckpoint(checkpoint, adapter, jobHash);
  await saveCheckpoint({
    folder: job.output,
    config: checkpoint.config,
    tokenizerFrom: checkpoint.folder,
    readParameter: (name) =>
      merged === null ? parameters.data(name) : merged.readParameter(name),
  });
}
