/**
 * @file Hosts checkpoints, and adapters over them, in this process: load, use, free.
 */
import type { Device } from "../engine/runtime/device.js";
import type { WeightFormat } from "../models/quantized-weights.js";
import type { ModelHost, CallProgress } from "./language-model.js";
import { withLoadedModel } from "./loaded-model.js";

/**
 * @param weights of the models that generate and judge; int8 is faster and rounds
 * @param onTokens told how far each call of a model has come
 */
export function embeddedModelHost(
  device: Device,
  weights: WeightFormat = "float32",
  onTokens?: (progress: CallProgress) => void,
): ModelHost {
  return {
    withModel: (model, use) =>
      withLoadedModel(
        { model, device, weights, onTokens },
        ({ languageModel }) => use(languageModel),
      ),
  };
}
