/**
 * @file Pre-training of M0, the nursery's base model, on raw text of the world.
 *
 * Same engine as everything else: packed documents of one to eight sentences, AdamW,
 * cosine decay. The verdict word of a sentence counts three times, since judging is
 * learned there first (nursery study). Seeded, resumable to the same bits; no
 * instruction is ever seen.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { saveCheckpoint } from "../checkpoints/checkpoint.js";
import {
  llamaConfig,
  type DecoderConfig,
} from "../checkpoints/config/decoder-config.js";
import {
  openTokenizer,
  type TextTokenizer,
} from "../checkpoints/tokenizer/tokenizer.js";
import { initAdamW, updateAdamW } from "../engine/optimizers/adamw.js";
import { clippingScale, gradientNorm } from "../engine/optimizers/clipping.js";
import { learningRateAt } from "../engine/optimizers/schedule.js";
import type { Device } from "../engine/runtime/device.js";
import { hashOf } from "../foundation/hash.js";
import { randomStream, type RandomStream } from "../foundation/random.js";
import { initializeParameters } from "../models/initialization.js";
import {
  supervisedObjective,
  totalTargetWeight,
} from "../training/objectives/supervised.js";
import { packSequences } from "../models/packing.js";
import type { TokenSequence } from "../models/token-sequence.js";
import type { StepMetrics } from "../training/trainer.js";
import { TrainingModel } from "../training/training-model.js";
import {
  removeTrainingState,
  restoreTrainingState,
  saveTrainingState,
  trainingStateOf,
} from "../training/training-state.js";
import { rawSentence, type RawSentence } from "./raw-text.js";
import { NURSERY_CONTEXT_LENGTH, tokenizerFiles } from "./tokenizer-files.js";
import { VOCABULARY } from "./vocabulary.js";

export interface PretrainingSettings {
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layerCount: number;
  readonly headCount: number;
  readonly keyValueHeadCount: number;
  readonly steps: number;
  /** Rows of `rowLength` tokens in a step. */
  readonly rows: number;
  readonly rowLength: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly verdictWeight: number;
  readonly seed: number;
}

export const PRETRAINING_DEFAULTS: PretrainingSettings = {
  hiddenSize: 128,
  intermediateSize: 352,
  layerCount: 6,
  headCount: 4,
  keyValueHeadCount: 2,
  steps: 7000,
  rows: 16,
  rowLength: 128,
  learningRate: 3e-3,
  weightDecay: 0.02,
  verdictWeight: 3,
  seed: 1,
};

export interface PretrainingOptions {
  readonly settings: PretrainingSettings;
  readonly output: string;
  readonly device: Device;
  readonly onStep?: (metrics: StepMetrics, totalSteps: number) => void;
  readonly signal?: AbortSignal;
}

/** Trains a base model and writes its checkpoint; true when it finished, false when stopped. */
export async function pretrain(options: PretrainingOptions): Promise<boolean> {
  const { settings, output, device } = options;
  const tokenizerFolder = await mkdtemp(join(tmpdir(), "nursery-tokenizer-"));
  const config = baseConfig(settings);
  const parameters = initializeParameters(config, settings.seed);
  const model = new TrainingModel(
    { config, base: parameters, adapter: null },
    device,
  );
  try {
    for (const [name, text] of Object.entries(tokenizerFiles())) {
      await writeFile(join(tokenizerFolder, name), text);
    }
    const tokenizer = await openTokenizer(tokenizerFolder);
    if (!(await trainSteps({ options, model, tokenizer }))) return false;
    await saveCheckpoint({
      folder: output,
      config,
      tokenizerFrom: tokenizerFolder,
      readParameter: (name) => parameters.data(name),
    });
    await removeTrainingState(stateOf(options));
    return true;
  } finally {
    await model.release();
    await rm(tokenizerFolder, { recursive: true, force: true });
  }
}

function baseConfig(settings: PretrainingSettings): DecoderConfig {
  const end = VOCABULARY.indexOf("<|end|>");
  return llamaConfig({
    ...settings,
    vocabSize: VOCABULARY.length,
    maxPositions: NURSERY_CONTEXT_LENGTH,
    bosTokenId: null,
    eosTokenIds: [end],
    padTokenId: 0,
  });
}

function stateOf({ output, settings }: PretrainingOptions) {
  return trainingStateOf(output, hashOf(settings));
}

const SAVE_EVERY = 500;

async function trainSteps(run: {
  readonly options: PretrainingOptions;
  readonly model: TrainingModel;
  readonly tokenizer: TextTokenizer;
}): Promise<boolean> {
  const { options, model, tokenizer } = run;
  const { settings } = options;
  const optimizer = initAdamW(model.trainable.values.length);
  const state = stateOf(options);
  const saved = { parameters: model.trainable, optimizer };
  const progress = (await restoreTrainingState(state, saved)) ?? {
    step: 0,
    metrics: [],
  };
  const schedule = {
    schedule: "cosine" as const,
    learningRate: settings.learningRate,
    totalSteps: settings.steps,
    warmupRatio: 0.02,
    minLearningRateRatio: 0.02,
  };
  let tokens = progress.metrics.at(-1)?.num_tokens ?? 0;
  while (progress.step < settings.steps) {
    const documents = await drawDocuments(tokenizer, settings, progress.step);
    const batch = packSequences(documents, settings.rowLength);
    const { loss } = await model.backward(
      batch,
      supervisedObjective(batch, totalTargetWeight([batch])),
    );
    const norm = gradientNorm(model.gradients.values);
    const learningRate = learningRateAt(schedule, progress.step);
    updateAdamW(optimizer, model.trainable.values, model.gradients.values, {
      beta1: 0.9,
      beta2: 0.98,
      epsilon: 1e-8,
      weightDecay: settings.weightDecay,
      learningRate,
      gradientScale: clippingScale(norm, 1),
    });
    tokens += documents.reduce((sum, { ids }) => sum + ids.length, 0);
    progress.step++;
    const metrics: StepMetrics = {
      step: progress.step,
      loss,
      grad_norm: norm,
      learning_rate: learningRate,
      num_tokens: tokens,
    };
    options.onStep?.(metrics, settings.steps);
    if (progress.step % 100 === 0) progress.metrics.push(metrics);
    const stopped = options.signal?.aborted ?? false;
    if (stopped || progress.step % SAVE_EVERY === 0) {
      if (progress.metrics.at(-1)?.step !== progress.step)
        progress.metrics.push(metrics);
      await saveTrainingState(state, { ...saved, progress });
    }
    if (stopped) return false;
  }
  return true;
}

/** Documents drawn at a time, since they are tokenised together; those left over are forgotten. */
const DRAWN_TOGETHER = 64;

/** Fills the rectangle of one step with whole documents, first fit in the order drawn. */
async function drawDocuments(
  tokenizer: TextTokenizer,
  settings: PretrainingSettings,
  step: number,
): Promise<TokenSequence[]> {
  const random = randomStream(settings.seed, "raw-text", step);
  const free = new Array<number>(settings.rows).fill(settings.rowLength);
  const documents: TokenSequence[] = [];
  const draw = () =>
    Promise.all(
      Array.from({ length: DRAWN_TOGETHER }, () =>
        encodeDocument(tokenizer, settings, drawSentences(random)),
      ),
    );
  let drawn: TokenSequence[] = [];
  for (let misses = 0; misses < 4;) {
    if (drawn.length === 0) drawn = (await draw()).reverse();
    const document = drawn.pop() as TokenSequence;
    const row = free.findIndex((tokens) => tokens >= document.ids.length);
    if (row < 0) {
      misses++;
      continue;
    }
    free[row] = (free[row] ?? 0) - document.ids.length;
    documents.push(document);
  }
  return documents;
}

/** Mostly single sentences; sometimes up to eight, so that late positions are known too. */
const DOCUMENT_SIZES = [1, 1, 1, 1, 2, 2, 3, 4, 6, 8] as const;

function drawSentences(random: RandomStream): RawSentence[] {
  return Array.from({ length: random.pick(DOCUMENT_SIZES) }, () =>
    rawSentence(random),
  );
}

async function encodeDocument(
  tokenizer: TextTokenizer,
  settings: PretrainingSettings,
  sentences: readonly RawSentence[],
): Promise<TokenSequence> {
  const encoded = await Promise.all(
    sentences.map(({ text }) =>
      tokenizer.encode(text, { addSpecialTokens: false }),
    ),
  );
  const ids: number[] = [];
  const weights: number[] = [];
  for (const [index, tokens] of encoded.entries()) {
    const verdict = sentences[index]?.verdict;
    const verdictAt = verdict === undefined ? -1 : tokens.length - 2;
    tokens.forEach((id, i) => {
      ids.push(id);
      weights.push(i === verdictAt ? settings.verdictWeight : 1);
    });
  }
  const end = tokenizer.eosTokenId;
  if (end !== null) {
    ids.push(end);
    weights.push(1);
  }
  return {
    ids: ids.slice(0, settings.rowLength),
    completionStart: 1,
    weights: weights.slice(1, settings.rowLength),
  };
}
