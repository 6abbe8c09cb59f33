/**
 * @file Hosts checkpoints, and adapters over them, in this process: load, use, free.
 */
import { openModel } from "../checkpoints/open-model.js";
import type { Device } from "../engine/runtime/device.js";
import type { WeightFormat } from "../models/quantized-weights.js";
import { EmbeddedLanguageModel } from "./embedded-language-model.js";
import type { ModelHost } from "./language-model.js";

/** @param format of the weights that generate and judge; int8 is faster and rounds */
export function embeddedModelHost(
  device: Device,
  format: WeightFormat = "float32",
): ModelHost {
  return {
    withModel: async (checkpoint, use) => {
      const model = await EmbeddedLanguageModel.load(
        await openModel(checkpoint),
        device,
        format,
      );
      try {
        return await use(model);
      } finally {
        await model.release();
      }
    },
  };
}
