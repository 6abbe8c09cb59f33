/**
 * @file Supervised fine-tuning, top to bottom.
 *
 * Supports: prompt/completion and conversation rows, loss on completion tokens only,
 * row weights, packing without cross-contamination, gradient accumulation, all weights
 * or LoRA, resume to the same bits. Assumes: the whole data set is in memory.
 * Normalises the loss by the completion tokens of the whole optimizer step, as TRL.
 */
import type { Device } from "../engine/runtime/device.js";
import { microBatches, stepRows, totalSteps } from "./data-order.js";
import { encodedRows, orderOf } from "./encoded-rows.js";
import {
  supervisedObjective,
  totalTargetWeight,
} from "./objectives/supervised.js";
import { packSequences, sharedRowLength } from "../models/packing.js";
import {
  applyUpdate,
  closeSession,
  finishStep,
  openForTraining,
  openSession,
  stopWithinStep,
  tellFirstStep,
} from "./session.js";
import type { TokenSequence } from "../models/token-sequence.js";
import type { SftJob } from "./trainer.js";
import type { TrainingModel } from "./training-model.js";

/** Trains `job.checkpoint` on the rows and writes `job.output`. */
export async function trainSft(job: SftJob, device: Device): Promise<void> {
  const { settings, rows } = job;
  const checkpoint = await openForTraining(job);
  const sequences = await encodedRows(checkpoint.tokenizer, job);
  const order = orderOf(settings, sequences.length);
  const session = await openSession({
    job,
    checkpoint,
    kind: "sft",
    data: rows,
    settings,
    totalSteps: totalSteps(order),
    device,
  });
  if (session === null) return;
  const { model, progress } = session;
  try {
    const rowLength = sharedRowLength(sequences);
    tellFirstStep(session);
    let tokens = progress.metrics.at(-1)?.num_tokens ?? 0;
    for (const indices of stepRows(order, progress.step)) {
      const step = indices.map((i) => sequences[i] as TokenSequence);
      const loss = await supervisedStep(model, step, {
        batchSize: settings.batchSize,
        rowLength,
        between: () => stopWithinStep(session),
      });
      tokens += step.reduce((sum, { ids }) => sum + ids.length, 0);
      const update = applyUpdate(session, loss, progress.step);
      await finishStep(session, {
        step: progress.step + 1,
        loss,
        ...update,
        num_tokens: tokens,
      });
    }
    await closeSession(session);
  } finally {
    await model.release();
  }
}

/** Loss of one optimizer step, its gradients left in the model. */
export async function supervisedStep(
  model: TrainingModel,
  sequences: readonly TokenSequence[],
  step: {
    readonly batchSize: number;
    readonly rowLength: number;
    /** Called before each micro-batch; may throw. */
    readonly between?: () => Promise<void>;
  },
): Promise<number> {
  const batches = microBatches(sequences, step.batchSize, {
    tokensOf: ({ ids }) => ids.length,
    most: model.callTokens,
  }).map((part) => packSequences(part, step.rowLength));
  const totalWeight = totalTargetWeight(batches);
  let loss = 0;
  for (const [index, batch] of batches.entries()) {
    await step.between?.();
    const objective = supervisedObjective(batch, totalWeight);
    loss += (await model.backward(batch, objective, index > 0)).loss;
  }
  return loss;
}
