/**
 * @file The weights of a model that does not learn, made once as graphs want them: layers
 * over the same input joined, linear layers rounded where that is asked for.
 *
 * Those of large models go to a file of the weight cache, one layer after another, and
 * graphs read them where they lie: the process holds one copy of a model at most, and a
 * second process finds the file made. Small ones stay in memory.
 */
import type { Checkpoint } from "../checkpoints/checkpoint.js";
import { parameterCount } from "../checkpoints/weights/parameter-table.js";
import type { HostTensor } from "../engine/tensor/host-tensor.js";
import { hashOf } from "../foundation/hash.js";
import { joinProjections, type FrozenModel } from "./joined-projections.js";
import { frozenTensors } from "./quantized-weights.js";
import { openWeightCache, type WeightCache } from "./weight-cache.js";

export interface FrozenWeights {
  /**
   * The model for one more graph, which is to be compiled at once: what was taken out of
   * the cache since the last time is made again.
   * @throws BAD_CHECKPOINT
   */
  open(): Promise<FrozenModel>;
  /** Frees what belongs to this process alone. */
  release(): Promise<void>;
}

/** Changes with what the files hold. */
const FORMAT = 1;
/** Parameters below which a model is at home in memory. */
const SMALL = 2e7;

/**
 * @param options.levels largest integer of a weight where linear layers are int8, else null
 * @param options.cache the user's when absent; null keeps everything in memory
 */
export function frozenWeights(
  checkpoint: Checkpoint,
  {
    levels,
    cache = parameterCount(checkpoint.config) < SMALL
      ? null
      : openWeightCache(),
  }: { readonly levels: number | null; readonly cache?: WeightCache | null },
): FrozenWeights {
  const { config } = joinProjections(checkpoint.config, {});
  let kept: Promise<FrozenModel["tensors"]> | null = null;
  const open = async (): Promise<FrozenModel["tensors"]> => {
    const made = () => preparedTensors(checkpoint, levels);
    if (cache === null) return (kept ??= inMemory(made()));
    const weights = await checkpoint.weightHash();
    const key = hashOf({ format: FORMAT, weights, levels });
    return (await cache.tensors(key, made)) ?? (kept ??= inMemory(made()));
  };
  return {
    open: async () => ({ config, tensors: await open() }),
    release: async () => {
      kept = null;
      await cache?.release();
    },
  };
}

/** Every tensor of the model, those of one layer in memory at a time. */
async function* preparedTensors(
  { config, parameters, readParameter }: Checkpoint,
  levels: number | null,
): AsyncGenerator<readonly [string, HostTensor]> {
  const layerOf = (name = ""): string =>
    /^model\.layers\.\d+/.exec(name)?.[0] ?? name;
  let tensors: Record<string, HostTensor> = {};
  for (const [i, parameter] of parameters.entries()) {
    const { name } = parameter;
    const data = await readParameter(name);
    Object.assign(
      tensors,
      frozenTensors(config, { ...parameter, data }, levels),
    );
    if (layerOf(name) === layerOf(parameters[i + 1]?.name)) continue;
    yield* Object.entries(joinProjections(config, tensors).tensors);
    tensors = {};
  }
}

async function inMemory(
  tensors: AsyncIterable<readonly [string, HostTensor]>,
): Promise<FrozenModel["tensors"]> {
  const all: Record<string, HostTensor> = {};
  for await (const [name, tensor] of tensors) all[name] = tensor;
  return all;
}
