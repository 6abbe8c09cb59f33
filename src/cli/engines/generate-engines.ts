/**
 * @file What generates in a run, by the kind that its recipe names: explained, and opened.
 */
import { join } from "node:path";
import type { Device } from "../../engine/runtime/device.js";
import type { EventListener } from "../../events/run-event.js";
import { embeddedModelHost } from "../../generation/embedded-model-host.js";
import type { ModelHost } from "../../generation/language-model.js";
import { openLauncher } from "../../launchers/launchers.js";
import { launcherSettings } from "../../launchers/settings.js";
import type { SelfRewardingRecipe } from "../../recipes/self-rewarding.js";
import type { Trainer } from "../../training/trainer.js";
import { vllmModelHost } from "../../vllm/vllm-model-host.js";
import { tokensTo } from "../stage-progress.js";
import { explainVllm } from "./explain-vllm.js";
import { explainEmbedded, type ExplainedEngine } from "./explained-engine.js";
import { serverSettings } from "./server-settings.js";

type Engine = SelfRewardingRecipe["engine"];

export interface GeneratingParts {
  /** Of the run. */
  readonly folder: string;
  readonly device: Device;
  readonly emit: EventListener;
  readonly signal: AbortSignal;
}

export interface Generating {
  readonly host: ModelHost;
  /** Frees what the host holds between two pieces of work; it may be asked again. */
  readonly release: () => Promise<void>;
}

export function openGenerating(
  { generate, weights }: Engine,
  { folder, device, emit, signal }: GeneratingParts,
): Generating {
  if (generate?.kind !== "vllm")
    return {
      host: embeddedModelHost(device, weights, tokensTo(emit)),
      release: async () => undefined,
    };
  const host = vllmModelHost({
    launcher: openLauncher(launcherSettings(generate.launch)),
    settings: serverSettings(generate),
    folder: join(folder, "servers"),
    signal,
    onProgress: (message) => {
      emit({ type: "wait-progress", message });
    },
    onTokens: tokensTo(emit),
  });
  return { host, release: host.release };
}

/** A trainer before whose work what generates gives back its GPUs and memory. */
export function trainerAfter(
  { release }: Generating,
  trainer: Trainer,
): Trainer {
  return {
    sft: async (job) => {
      await release();
      await trainer.sft(job);
    },
    dpo: async (job) => {
      await release();
      await trainer.dpo(job);
    },
  };
}

export function explainGenerating({
  generate,
  weights,
}: Engine): ExplainedEngine {
  return generate?.kind === "vllm"
    ? explainVllm(generate)
    : explainEmbedded(
        `The embedded engine answers, in this process, with ${weights} weights.`,
      );
}
