/**
 * @file The adapter of a training job: begun before the first step, written after the
 * last one, merged into its base or as PEFT's files. The base is never changed.
 */
import {
  mergeAdapter,
  saveAdapter,
  type AdaptedLayer,
} from "../checkpoints/adapter.js";
import type { Checkpoint } from "../checkpoints/checkpoint.js";
import { AutodidactError } from "../foundation/error.js";
import { initializeLora, loraA, loraB } from "../models/lora.js";
import { REWARD_HEAD } from "../models/reward-head.js";
import type { ModelWeights } from "../models/packed-scorer.js";
import type { LoraOptions } from "./trainer.js";

export type TrainedAdapter = NonNullable<ModelWeights["adapter"]>;

/** Matrices that are looked up by row, not multiplied with. */
const NOT_LINEAR = new Set(["embed_tokens"]);

/** Adapted only when it is named, as by PEFT's "all-linear". */
const HEAD = "lm_head";

/** What an adapter leaves as it is: all but the head of a reward model, which is small and new. */
export function underAdapter(checkpoint: Checkpoint): Checkpoint {
  const parameters = checkpoint.parameters.filter(
    ({ name }) => name !== REWARD_HEAD,
  );
  return { ...checkpoint, parameters };
}

/**
 * Random A, zero B for every layer named; the head of a reward model as it is.
 * @throws USAGE for a layer the model lacks, and for a reward model as an adapter alone
 */
export async function beginAdapter(
  checkpoint: Checkpoint,
  lora: LoraOptions,
  seed: number,
): Promise<TrainedAdapter> {
  const { rank, alpha } = lora;
  const heads = checkpoint.parameters.filter(
    ({ name }) => name === REWARD_HEAD,
  );
  if (heads.length > 0 && lora.output === "adapter")
    throw new AutodidactError(
      "USAGE",
      "The head of a reward model is no part of an adapter. Leave out --lora-output adapter: the whole model is written.",
      { path: checkpoint.folder },
    );
  const linear = linearLayers(checkpoint);
  const targets = lora.targets ?? linear.filter((name) => name !== HEAD);
  const unknown = targets.filter((target) => !linear.includes(target));
  if (unknown.length > 0 || targets.length === 0) {
    throw new AutodidactError(
      "USAGE",
      `LoRA cannot adapt ${unknown.length > 0 ? `the layer "${unknown.join('", "')}"` : "an empty list of layers"}: this model's linear layers are ${linear.join(", ")}. Name some of these.`,
      { path: checkpoint.folder, unknown },
    );
  }
  const settings = { rank, alpha, targets };
  const parameters = initializeLora(
    checkpoint.parameters,
    settings,
    seed,
    heads,
  );
  for (const { name } of heads)
    parameters.data(name).set(await checkpoint.readParameter(name));
  return { settings, parameters };
}

/** Last names of the linear layers of a model, each once. */
export function linearLayers(checkpoint: Checkpoint): string[] {
  const names = underAdapter(checkpoint)
    .parameters.filter(({ shape }) => shape.length === 2)
    .map(({ name }) => name.split(".").at(-2) ?? "");
  return [...new Set(names)].filter((name) => !NOT_LINEAR.has(name));
}

/** The base with the adapter added, weight by weight as they are read. */
export function mergedCheckpoint(
  checkpoint: Checkpoint,
  adapter: TrainedAdapter,
  hash: string,
): Checkpoint {
  const merged = mergeAdapter(underAdapter(checkpoint), {
    folder: checkpoint.folder,
    baseModel: checkpoint.folder,
    layers: adaptedLayers(adapter),
    read: (layer) =>
      Promise.resolve({
        a: adapter.parameters.data(loraA(layer)),
        b: adapter.parameters.data(loraB(layer)),
      }),
    hash: () => Promise.resolve(hash),
  });
  return {
    ...merged,
    readParameter: (name) =>
      name === REWARD_HEAD
        ? Promise.resolve(adapter.parameters.data(name))
        : merged.readParameter(name),
  };
}

/** Writes `adapter_config.json` and the weights as PEFT does. @throws STORAGE */
export async function writeAdapter(
  folder: string,
  baseModel: string,
  adapter: TrainedAdapter,
): Promise<void> {
  const { settings, parameters } = adapter;
  await saveAdapter({
    ...settings,
    folder,
    baseModel,
    layers: adaptedLayers(adapter),
    read: (layer, half) =>
      parameters.data(half === "A" ? loraA(layer) : loraB(layer)),
  });
}

function adaptedLayers({
  settings,
  parameters,
}: TrainedAdapter): AdaptedLayer[] {
  const { rank, alpha } = settings;
  const sizes = new Map(
    parameters.shapes.map(({ name, shape }) => [name, shape]),
  );
  const suffix = loraA("");
  return [...sizes.keys()]
    .filter((name) => name.endsWith(suffix))
    .map((name) => {
      const layer = name.slice(0, -suffix.length);
      return {
        layer,
        rank,
        inputs: sizes.get(loraA(layer))?.[1] ?? 0,
        outputs: sizes.get(loraB(layer))?.[0] ?? 0,
        scale: alpha / rank,
      };
    });
}
