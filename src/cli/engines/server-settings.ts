/**
 * @file From the recipe's keys to what a vLLM server takes.
 */
import { resolve } from "node:path";
import type { VllmEngine } from "../../recipes/generate-engine.js";
import type { ServerSettings } from "../../vllm/server-settings.js";

export function serverSettings(engine: VllmEngine): ServerSettings {
  const { python, gpus, instances, args, env } = engine;
  return {
    // A server has a folder of its own, and a name without a slash is looked for in PATH.
    python: python.includes("/") ? resolve(python) : python,
    ...{ gpus, instances, args, env },
    port: engine.port ?? null,
    maxModelLen: engine.maxModelLen ?? null,
    dtype: engine.dtype ?? null,
  };
}
