/**
 * @file vLLM as a recipe asks for it, explained: `autodidact run --plan`.
 */
import { launcherSettings } from "../../launchers/settings.js";
import type { VllmEngine } from "../../recipes/generate-engine.js";
import { counted } from "../../text/number-words.js";
import {
  serverArguments,
  serverEnvironment,
} from "../../vllm/server-command.js";
import { gpusPerInstance } from "../../vllm/server-settings.js";
import type { ExplainedEngine } from "./explained-engine.js";
import { serverSettings } from "./server-settings.js";

export function explainVllm(
  engine: VllmEngine,
  loraRank: number,
): ExplainedEngine {
  const settings = serverSettings(engine, loraRank);
  const { kind: launcher } = launcherSettings(engine.launch);
  const { instances, gpus } = engine;
  const each = gpusPerInstance(settings);
  const isLocal = launcher === "local";
  return {
    kind: "vllm",
    does: `vLLM answers: ${counted(instances, "server")}, ${each === 0 ? "on the CPU" : `${counted(each, "GPU")} each`}, started ${isLocal ? "on this machine" : `by ${launcher}`} for the model that is asked, ${settings.loraRank > 0 ? "kept while adapters over it are trained, which are loaded beside its weights in their turn" : "ended for the next one and before a training"}.`,
    processes: instances,
    gpus,
    launcher,
    command: serverArguments(settings, {
      checkpoint: "MODEL",
      servedName: "NAME",
      host: isLocal ? "127.0.0.1" : "0.0.0.0",
      port: engine.port ?? "PORT",
      contextLength: engine.maxModelLen ?? "CONTEXT",
      loraLayers: ["LAYERS"],
      secrets: "KEY.yaml",
    }),
    env: serverEnvironment(settings, isLocal ? 0 : null),
  };
}
