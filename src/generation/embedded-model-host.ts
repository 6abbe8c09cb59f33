/**
 * @file Hosts checkpoints, and adapters over them, in this process: load, use, free.
 */
import type { Device } from "../engine/runtime/device.js";
import type { WeightFormat } from "../models/quantized-weights.js";
import type { ModelHost } from "./language-model.js";
import { withLoadedModel } from "./loaded-model.js";

/** @param weights of the models that generate and judge; int8 is faster and rounds */
export function embeddedModelHost(
  device: Device,
  weights: WeightFormat = "float32",
): ModelHost {
  return {
    withModel: (model, use) =>
      withLoadedModel({ model, device, weights }, ({ languageModel }) =>
        use(languageModel),
      ),
  };
}
