/**
 * @file A model by folder, adapter folder or Hub id, loaded for one piece of work
 * and freed afterwards.
 */
import type { Checkpoint } from "../checkpoints/checkpoint.js";
import { openModel } from "../checkpoints/open-model.js";
import type { Device } from "../engine/runtime/device.js";
import { isSlowToOpen } from "../models/call-size.js";
import { EmbeddedLanguageModel } from "./embedded-language-model.js";
import type { WeightFormat } from "../models/quantized-weights.js";
import type { CallProgress, LanguageModel } from "./language-model.js";

export interface ModelSource {
  /** Checkpoint folder, adapter folder or Hub id. */
  readonly model: string;
  readonly device: Device;
  /** float32 when absent. */
  readonly weights?: WeightFormat;
  readonly signal: AbortSignal;
  /** Told how far each call has come. */
  readonly onTokens?: ((progress: CallProgress) => void) | undefined;
}

/** A model with what its answers are worked out of. */
export interface OpenedModel {
  readonly languageModel: LanguageModel;
  /** For its tokenizer and its limits. */
  readonly checkpoint: Checkpoint;
}

export interface LoadedModel extends OpenedModel {
  readonly languageModel: EmbeddedLanguageModel;
}

/**
 * Loads a model, gives it to `use`, frees it whatever happens.
 * @throws BAD_CHECKPOINT, ENDPOINT (the Hub), STORAGE (its cache)
 */
export async function withLoadedModel<T>(
  source: Omit<ModelSource, "signal"> & Partial<ModelSource>,
  use: (loaded: LoadedModel) => Promise<T>,
): Promise<T> {
  const { model, device, weights, signal, onTokens } = source;
  const checkpoint = await openModel(model, {
    ...(signal === undefined ? {} : { signal }),
    onConfig: (config) => {
      if (isSlowToOpen(config)) onTokens?.({ done: 0, expected: 0 });
    },
  });
  const languageModel = await EmbeddedLanguageModel.load(
    checkpoint,
    device,
    weights,
    onTokens,
  );
  try {
    return await use({ languageModel, checkpoint });
  } finally {
    await languageModel.release();
  }
}
