/**
 * @file From the recipe's keys to what a vLLM server takes.
 */
import type { VllmEngine } from "../../recipes/generate-engine.js";
import type { ServerSettings } from "../../vllm/server-settings.js";

export function serverSettings(engine: VllmEngine): ServerSettings {
  const { python, gpus, instances, args, env } = engine;
  return {
    ...{ python, gpus, instances, args, env },
    port: engine.port ?? null,
    maxModelLen: engine.maxModelLen ?? null,
    dtype: engine.dtype ?? null,
  };
}
