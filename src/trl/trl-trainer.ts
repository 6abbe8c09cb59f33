/**
 * @file TRL as a {@link Trainer}: a job folder is written, a launcher runs it under torchrun,
 * and what it leaves becomes the checkpoint that the embedded trainer would have left.
 *
 * The job's id is the hash of everything its numbers depend on, so the same call finds a job
 * that runs, goes on with one that was killed, and does nothing for one that is done. How
 * many processes share the work is not part of it: it changes rounding alone.
 */
import { rm } from "node:fs/promises";
import { basename, resolve } from "node:path";
import type { Checkpoint } from "../checkpoints/checkpoint.js";
import { crashPoint } from "../foundation/crash-point.js";
import { AutodidactError } from "../foundation/error.js";
import { hashOf } from "../foundation/hash.js";
import type { JobReport } from "../launchers/launcher.js";
import { runJob } from "../launchers/run-job.js";
import { totalSteps } from "../training/data-order.js";
import {
  encodedPairs,
  encodedRows,
  encodedSequences,
  orderOf,
} from "../training/encoded-rows.js";
import { readJobRecord, writeJobRecord } from "../training/job-record.js";
import { proofSequences } from "../training/proof.js";
import { openForTraining, refuseDropout } from "../training/session.js";
import type {
  DpoJob,
  OptimizationSettings,
  SftJob,
  Trainer,
  TrainingJob,
} from "../training/trainer.js";
import { plannedUpdates } from "../training/update-plan.js";
import { failureOf } from "./job-failure.js";
import { followJob, type JobFollower } from "./job-follower.js";
import { holdsJob, writeJobFolder, type JobContent } from "./job-folder.js";
import { trainingDone, takeResult } from "./job-result.js";
import {
  launchedJob,
  requireStrategy,
  type TrlOptions,
} from "./trl-options.js";

/** Changes when the Python side computes other numbers of the same job. */
const REVISION = 1;

/** @throws USAGE for a strategy that the processes cannot have */
export function trlTrainer(options: TrlOptions): Trainer {
  requireStrategy(options);
  return {
    sft: (job) => train(options, job, supervised),
    dpo: (job) => train(options, job, preferring),
  };
}

/** What of a job is its kind's. */
type Work = Pick<
  JobContent,
  "kind" | "settings" | "preference" | "rows" | "rehearsal" | "plan"
> & { readonly steps: number };

async function supervised(job: SftJob, base: Checkpoint): Promise<Work> {
  const { settings } = job;
  const rows = await encodedRows(base.tokenizer, job);
  const order = orderOf(settings, rows.length);
  return {
    ...{ kind: "sft", settings, preference: null, rows, rehearsal: [] },
    plan: plannedUpdates(order, settings, null),
    steps: totalSteps(order),
  };
}

async function preferring(job: DpoJob, base: Checkpoint): Promise<Work> {
  const { settings } = job;
  const rows = await encodedPairs(base.tokenizer, job);
  const { maxLength } = settings;
  const rehearsal = await encodedSequences(
    base.tokenizer,
    job.rehearsal,
    maxLength,
  );
  const order = orderOf(settings, rows.length);
  const again = { settings, rowCount: rehearsal.length };
  return {
    ...{ kind: "dpo", settings, preference: settings, rows, rehearsal },
    plan: plannedUpdates(order, settings, again),
    steps: totalSteps(order),
  };
}

async function train<J extends SftJob | DpoJob>(
  options: TrlOptions,
  job: J,
  prepare: (job: J, base: Checkpoint) => Promise<Work>,
): Promise<void> {
  const { output, settings } = job;
  requireTrainable(settings);
  const checkpoint = await openForTraining(job);
  refuseDropout(checkpoint);
  const work = await prepare(job, checkpoint);
  const hash = await hashOfJob(options, job, { checkpoint, kind: work.kind });
  const recorded = await readJobRecord(output);
  const folder = resolve(`${output}.training`);
  if (recorded?.jobHash === hash) {
    for (const metrics of recorded.metrics)
      job.onStep?.(metrics, work.steps, true);
    job.proof?.onScores(recorded.scores ?? []);
    await rm(folder, { recursive: true, force: true });
    return;
  }
  if (recorded !== null) job.onOtherResult?.();
  if (!(await holdsJob(folder, hash)))
    await writeJobFolder(
      folder,
      { checkpoint, path: job.checkpoint },
      {
        ...work,
        hash,
        proof: await proofSequences(job, checkpoint),
        saveEvery: job.saveEvery ?? 500,
      },
      options,
    );
  const follower = followJob(folder, job, work.steps);
  await follower.read(true);
  const done = await follow(options, job, {
    ...{ hash, folder, follower, steps: work.steps },
  });
  await takeResult(folder, done, { checkpoint, job, lora: settings.lora });
  const { scores } = done;
  const { metrics } = follower;
  await writeJobRecord(output, { jobHash: hash, metrics, scores });
  crashPoint("model-saved");
  await rm(folder, { recursive: true, force: true });
  job.proof?.onScores(scores);
}

/** Runs the job to its end, whoever began it. */
async function follow(
  options: TrlOptions,
  job: TrainingJob,
  work: {
    readonly hash: string;
    readonly folder: string;
    readonly follower: JobFollower;
    readonly steps: number;
  },
): Promise<ReturnType<typeof trainingDone>> {
  const { hash, folder, follower, steps } = work;
  const name = `autodidact-${basename(job.output).replace(/[^\w.-]/g, "-")}`;
  const launched = launchedJob({ hash, folder, name }, options);
  const tell = stateTeller(job, follower);
  tell({ state: "waiting", message: "" });
  const done = await runJob(options.launcher, launched, {
    ...(job.signal === undefined ? {} : { signal: job.signal }),
    onState: tell,
    onPoll: () => follower.read(false),
    progress: () => Promise.resolve(follower.metrics.length),
    failure: () => failureOf(folder),
  }).catch((error: unknown) => {
    if (job.signal?.aborted !== true) throw error;
    const step = follower.metrics.length;
    throw new AutodidactError(
      "INTERRUPTED",
      `Training stopped after step ${step} of ${steps}. Run the same command again to go on.`,
      { step },
    );
  });
  await follower.read(false);
  return trainingDone(done, folder);
}

/** Tells what is waited for, and that what ran was lost once it is tried again. */
function stateTeller(
  { onPreparation, onSetback }: TrainingJob,
  { metrics }: JobFollower,
): (report: Omit<JobReport, "hosts">) => void {
  let [ran, end, begun] = [false, "", 0];
  return ({ state, message, restarts = 0 }) => {
    const runs = state === "running";
    if (runs || state === "waiting") {
      const why = end === "" ? message : end;
      if (ran && (!runs || restarts > begun))
        onSetback?.(
          `The training was lost after step ${metrics.length}${why === "" ? "" : ` (${why})`} and is started again from its last saved state.`,
        );
      if (!runs || metrics.length === 0)
        onPreparation?.({
          doing: runs ? "starting the trainer" : "waiting for the launcher",
          ...{ done: 0, total: 0 },
        });
      [ran, end, begun] = [runs, "", restarts];
    } else end = message;
  };
}

/** @throws USAGE for what TRL cannot do, by name */
function requireTrainable({ lora }: OptimizationSettings): void {
  const problem =
    lora?.base === "int8"
      ? "lora.base: int8 (--lora-base int8) keeps the frozen weights in a form of the embedded engine"
      : lora?.targets?.includes("lm_head")
        ? "lora.targets names lm_head, to which TRL's loss does not apply an adapter"
        : null;
  if (problem !== null)
    throw new AutodidactError(
      "USAGE",
      `The trainer TRL cannot do this: ${problem}. Leave it out, or train with the embedded engine.`,
    );
}

async function hashOfJob(
  { precision, strategy }: TrlOptions,
  job: SftJob | DpoJob,
  of: { readonly checkpoint: Checkpoint; readonly kind: string },
): Promise<string> {
  const { gradientCheckpointing: _none, ...numeric } = job.settings;
  const { rows } = job;
  return hashOf({
    trainer: ["trl", REVISION, precision],
    // A checkpoint in shards is another form of the same state.
    sharded: strategy === "fsdp2",
    kind: of.kind,
    base: await of.checkpoint.weightHash(),
    data: "rehearsal" in job ? { rows, rehearsal: job.rehearsal } : rows,
    settings: numeric,
  });
}
