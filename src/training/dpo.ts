/**
 * @file Direct Preference Optimization, top to bottom.
 *
 * The reference is the starting checkpoint itself: its log-probabilities are computed
 * once, before the first update, and kept by weight hash and data hash. With nothing
 * trained yet policy and reference agree, so the first loss must be ln 2 (or its
 * counterpart): a run that does not start there stops. Rehearsal batches of supervised
 * rows are optimizer steps of their own between preference steps, at the same rate.
 * With LoRA the reference is the base without the adapter, which is where B = 0 starts.
 */
import type { Device } from "../engine/runtime/device.js";
import { AutodidactError } from "../foundation/error.js";
import {
  microBatches,
  rehearsedRows,
  stepRows,
  totalSteps,
} from "./data-order.js";
import { encodedPairs, encodedSequences, orderOf } from "./encoded-rows.js";
import { preferenceObjective } from "./objectives/preference.js";
import {
  pairGroups,
  pairTokens,
  sides,
  type EncodedPair,
} from "./preference-pair.js";
import { packSequences, sharedRowLength } from "../models/packing.js";
import { referenceLogProbabilities, type ReferencePair } from "./reference.js";
import {
  applyUpdate,
  closeSession,
  finishStep,
  openForTraining,
  openSession,
  stopWithinStep,
  tellFirstStep,
  type TrainingSession,
} from "./session.js";
import { supervisedStep } from "./sft.js";
import { targetCount, type TokenSequence } from "../models/token-sequence.js";
import type { DpoJob, DpoSettings, StepMetrics } from "./trainer.js";

/** Largest distance of the first loss from its known value. */
const FIRST_LOSS_TOLERANCE = 1e-6;

/** Log-ratios (nats) that differ by less are equal up to float32 rounding of their sums. */
const RATIO_ROUNDING = 1e-4;

/** Trains `job.checkpoint` on preference pairs and writes `job.output`. */
export async function trainDpo(job: DpoJob, device: Device): Promise<void> {
  const { settings } = job;
  const checkpoint = await openForTraining(job);
  const { tokenizer } = checkpoint;
  const pairs = await encodedPairs(tokenizer, job);
  const order = orderOf(settings, pairs.length);
  const session = await openSession({
    job,
    checkpoint,
    kind: "dpo",
    data: { rows: job.rows, rehearsal: job.rehearsal },
    settings,
    totalSteps: totalSteps(order),
    device,
  });
  if (session === null) return;
  const { model, progress } = session;
  try {
    const rehearsal = await encodedSequences(
      tokenizer,
      job.rehearsal,
      settings.maxLength,
    );
    const reference = await referenceLogProbabilities(
      session,
      pairs,
      settings.batchSize,
    );
    const rowLength = sharedRowLength(sides(pairs), pairGroups(pairs));
    tellFirstStep(session);
    let tokens = progress.metrics.at(-1)?.num_tokens ?? 0;
    for (const indices of stepRows(order, progress.step)) {
      const result = await preferenceStep(session, {
        pairs: indices.map((i) => pairs[i] as EncodedPair),
        reference: indices.map((i) => reference[i] as ReferencePair),
        settings,
        rowLength,
      });
      if (progress.step === 0) assertFirstLoss(result, settings);
      tokens += result.tokens;
      const update = applyUpdate(session, result.loss, progress.step);
      const step = progress.step + 1;
      await rehearse(session, { rehearsal, settings, step });
      await finishStep(session, {
        step,
        loss: result.loss,
        ...update,
        num_tokens: tokens,
        ...result.metrics,
      });
    }
    await closeSession(session);
  } finally {
    await model.release();
  }
}

interface PreferenceResult {
  readonly loss: number;
  /** NLL part of the loss, to know what the preference part alone was. */
  readonly nll: number;
  readonly tokens: number;
  readonly metrics: Partial<StepMetrics>;
}

/** Loss, gradients (left in the model) and metrics of one optimizer step. */
async function preferenceStep(
  session: TrainingSession,
  step: {
    readonly pairs: readonly EncodedPair[];
    readonly reference: readonly ReferencePair[];
    readonly settings: DpoSettings;
    readonly rowLength: number;
  },
): Promise<PreferenceResult> {
  const { settings, pairs, reference } = step;
  const parts = microBatches(
    pairs.map((pair, i) => ({
      pair,
      reference: reference[i] as ReferencePair,
    })),
    settings.batchSize,
    {
      tokensOf: ({ pair }) => pairTokens(pair),
      most: session.model.callTokens,
    },
  );
  const whole = {
    pairs: pairs.length,
    chosenTokens: pairs.reduce((n, { chosen }) => n + targetCount(chosen), 0),
  };
  let loss = 0;
  let nll = 0;
  let tokens = 0;
  const sums = {
    chosen: 0,
    rejected: 0,
    right: 0,
    chosenLog: 0,
    rejectedLog: 0,
  };
  for (const [index, part] of parts.entries()) {
    await stopWithinStep(session);
    const partPairs = part.map(({ pair }) => pair);
    const sequences = sides(partPairs);
    const groups = pairGroups(partPairs);
    const batch = packSequences(sequences, step.rowLength, groups);
    const referenceSums = Float32Array.from([
      ...part.map((entry) => entry.reference.chosen),
      ...part.map((entry) => entry.reference.rejected),
    ]);
    const objective = preferenceObjective(
      batch,
      referenceSums,
      settings,
      whole,
    );
    const result = await session.model.backward(batch, objective, index > 0);
    const policy = result.bySequence as Float32Array;
    loss += result.loss;
    nll -= policy.slice(0, part.length).reduce((sum, log) => sum + log, 0);
    tokens += sequences.reduce((sum, { ids }) => sum + ids.length, 0);
    part.forEach((_, i) => {
      const j = part.length + i;
      const chosen =
        settings.beta * ((policy[i] ?? 0) - (referenceSums[i] ?? 0));
      const rejected =
        settings.beta * ((policy[j] ?? 0) - (referenceSums[j] ?? 0));
      sums.chosen += chosen;
      sums.rejected += rejected;
      sums.right += Number(chosen - rejected > settings.beta * RATIO_ROUNDING);
      sums.chosenLog += policy[i] ?? 0;
      sums.rejectedLog += policy[j] ?? 0;
    });
  }
  const share = 1 / pairs.length;
  return {
    loss,
    nll: (settings.nllWeight * nll) / Math.max(1, whole.chosenTokens),
    tokens,
    metrics: {
      "rewards/chosen": sums.chosen * share,
      "rewards/rejected": sums.rejected * share,
      "rewards/accuracies": sums.right * share,
      "rewards/margins": (sums.chosen - sums.rejected) * share,
      "logps/chosen": sums.chosenLog * share,
      "logps/rejected": sums.rejectedLog * share,
    },
  };
}

/** Policy and reference agree before the first update, so the loss is known. @throws NUMERIC */
function assertFirstLoss(
  result: PreferenceResult,
  settings: DpoSettings,
): void {
  const expected =
    settings.loss === "ipo" ? 1 / (4 * settings.beta ** 2) : Math.LN2;
  const found = result.loss - result.nll;
  const scale = Math.max(1, expected, Math.abs(result.nll));
  if (Math.abs(found - expected) <= FIRST_LOSS_TOLERANCE * scale) return;
  throw new AutodidactError(
    "NUMERIC",
    `The first preference loss is ${found}, but policy and reference are the same weights, so it must be ${expected}. The reference log-probabilities do not belong to this model; delete the folder ${"`<output>.training`"} and run again.`,
    { expected, found },
  );
}

/** After every `rehearsalEvery` steps, one supervised update on rows drawn for that step. */
async function rehearse(
  session: TrainingSession,
  options: {
    readonly rehearsal: readonly TokenSequence[];
    readonly settings: DpoSettings;
    readonly step: number;
  },
): Promise<void> {
  const { rehearsal, settings, step } = options;
  const rows = rehearsedRows(settings, step, rehearsal.length).map(
    (i) => rehearsal[i] as TokenSequence,
  );
  if (rows.length === 0) return;
  const loss = await supervisedStep(session.model, rows, {
    batchSize: settings.rehearsalBatchSize,
    rowLength: sharedRowLength(rehearsal),
  });
  applyUpdate(session, loss, step - 1);
}
