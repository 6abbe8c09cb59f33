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

/** What a recipe says of engines, and what they have to know of the rest of it. */
export interface RunEngines {
  readonly engine: SelfRewardingRecipe["engine"];
  /** Of all the run's adapters together. */
  readonly loraRank: number;
}

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
  /** The same before a training, but for servers that stay meanwhile. */
  readonly makeRoom: () => Promise<void>;
}

export function openGenerating(
  { engine: { generate, weights }, loraRank }: RunEngines,
  { folder, device, emit, signal }: GeneratingParts,
): Generating {
  const nothing = async () => undefined;
  if (generate?.kind !== "vllm")
    return {
      host: embeddedModelHost(device, weights, tokensTo(emit)),
      release: nothing,
      makeRoom: nothing,
    };
  const host = vllmModelHost({
    launcher: openLauncher(launcherSettings(generate.launch)),
    settings: serverSettings(generate, loraRank),
    folder: join(folder, "servers"),
    signal,
    onProgress: (message) => {
      emit({ type: "wait-progress", message });
    },
    onTokens: tokensTo(emit),
  });
  const { release } = host;
  const makeRoom = generate.lora === "adapter" ? nothing : release;
  return { host, release, makeRoom };
}

/** A trainer before whose work what generates makes room for it. */
export function trainerAfter(
  { makeRoom }: Generating,
  trainer: Trainer,
): Trainer {
  return {
    sft: async (job) => {
      await makeRoom();
      await trainer.sft(job);
    },
    dpo: async (job) => {
      await makeRoom();
      await trainer.dpo(job);
    },
  };
}

export function explainGenerating({
  engine: { generate, weights },
  loraRank,
}: RunEngines): ExplainedEngine {
  return generate?.kind === "vllm"
    ? explainVllm(generate, loraRank)
    : explainEmbedded(
        `The embedded engine answers, in this process, with ${weights} weights.`,
      );
}
