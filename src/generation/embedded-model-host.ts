/**
 * @file Hosts checkpoints, and adapters over them, in this process: load, use, free.
 */
import { openModel } from "../checkpoints/open-model.js";
import type { Device } from "../engine/runtime/device.js";
import { EmbeddedLanguageModel } from "./embedded-language-model.js";
import type { ModelHost } from "./language-model.js";

export function embeddedModelHost(device: Device): ModelHost {
  return {
    withModel: async (checkpoint, use) => {
      const model = await EmbeddedLanguageModel.load(
        await openModel(checkpoint),
        device,
      );
      try {
        return await use(model);
      } finally {
        await model.release();
      }
    },
  };
}
