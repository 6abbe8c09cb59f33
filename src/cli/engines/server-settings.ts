/**
 * @file From the recipe's keys to what a vLLM server takes.
 */
import type { VllmEngine } from "../../recipes/generate-engine.js";
import { loraBound, type ServerSettings } from "../../vllm/server-settings.js";

/** @param loraRank of a run's adapters together */
export function serverSettings(
  engine: VllmEngine,
  loraRank: number,
): ServerSettings {
  const { python, gpus, instances, args, env } = engine;
  return {
    ...{ python, gpus, instances, args, env },
    port: engine.port ?? null,
    maxModelLen: engine.maxModelLen ?? null,
    dtype: engine.dtype ?? null,
    loraRank: engine.lora === "adapter" ? loraBound(loraRank) : 0,
  };
}
