/**
 * @file Log-probabilities of given tokens, forward only, by packed batches.
 *
 * One compiled graph for each row length met. Weights are fed, so that the graphs share
 * them with whoever owns them, or read where they lie in a file. Owner of the graphs:
 * `release` frees them.
 */
import type { DecoderConfig } from "../checkpoints/config/decoder-config.js";
import type { Device } from "../engine/runtime/device.js";
import { ExecutableCache } from "../engine/runtime/executable-cache.js";
import {
  compile,
  type Executable,
  type Tensors,
} from "../engine/runtime/executable.js";
import type { HostTensor } from "../engine/tensor/host-tensor.js";
import { ShapeError } from "../engine/tensor/tensor-type.js";
import type { FrozenWeights } from "./frozen-weights.js";
import type { FrozenModel } from "./joined-projections.js";
import type { LoraSettings } from "./lora.js";
import { packedFeeds } from "./packed-feeds.js";
import {
  buildPackedGraph,
  LIKELIEST_OUTPUTS,
  type PackedGraphSpec,
} from "./packed-graph.js";
import type { PackedBatch } from "./packing.js";
import type { ParameterSet } from "./parameters.js";

export interface ModelWeights {
  readonly config: DecoderConfig;
  /** The weights of the model, without those that are quantized. */
  readonly base: ParameterSet;
  /** Linear layers with int8 weights, where they are. */
  readonly quantized?: Readonly<Record<string, HostTensor>> | undefined;
  /** Low-rank adapter on top of the base, where there is one. */
  readonly adapter: {
    readonly settings: LoraSettings;
    readonly parameters: ParameterSet;
  } | null;
}

/** What a model makes of the targets of a batch. */
export interface TargetScores {
  /** [targetSlots] */
  readonly logProbabilities: Float32Array;
  /** The likeliest tokens in the place of each, [targetSlots, alternatives]. */
  readonly likeliest: {
    readonly tokens: Int32Array;
    readonly logProbabilities: Float32Array;
  };
}

/** Row lengths whose graphs are kept; each holds the activations of its largest batch. */
const MOST_EXECUTABLES = 4;

/** What a graph is built of, and the weights that it is fed. */
type ScoredWeights = Omit<PackedGraphSpec, "length"> & {
  readonly fed: Tensors;
};

export class PackedScorer {
  readonly #open: () => Promise<ScoredWeights>;
  #weights: Promise<ScoredWeights> | null = null;
  readonly #device: Device;
  readonly #alternatives: number;
  readonly #executables = new ExecutableCache(MOST_EXECUTABLES);

  /** @param alternatives how many of the likeliest tokens `scores` tells for each target */
  constructor(
    weights: ModelWeights | FrozenWeights,
    device: Device,
    alternatives = 0,
  ) {
    this.#open = async () =>
      "open" in weights ? frozen(await weights.open()) : learning(weights);
    this.#device = device;
    this.#alternatives = alternatives;
  }

  /** Log-probability of every target of a batch, [targetSlots]. */
  async logProbabilities(batch: PackedBatch): Promise<Float32Array> {
    return (await this.scores(batch)).logProbabilities;
  }

  /** The reward after the token before every target, [targetSlots], by a model with a reward head. */
  rewards(batch: PackedBatch): Promise<Float32Array> {
    return this.logProbabilities(batch);
  }

  async scores(batch: PackedBatch): Promise<TargetScores> {
    const { config, fed } = await (this.#weights ??= this.#open());
    const executable = await this.#executable(batch);
    const results = await executable.run({
      ...fed,
      ...packedFeeds(config, batch),
    });
    const [values, tokens] = LIKELIEST_OUTPUTS.map((name) => results[name]);
    return {
      logProbabilities: floatsOf(results.targetValues),
      likeliest: {
        logProbabilities:
          values === undefined ? new Float32Array(0) : floatsOf(values),
        tokens:
          tokens?.elementType === "int32" ? tokens.data : new Int32Array(0),
      },
    };
  }

  async release(): Promise<void> {
    await this.#executables.release();
  }

  #executable({ length }: PackedBatch): Promise<Executable> {
    return this.#executables.get(String(length), async () => {
      const weights = await this.#open();
      const alternatives = this.#alternatives;
      const { graph } = buildPackedGraph({ ...weights, length, alternatives });
      // Matrices in a file stay there, whatever the number of graphs.
      return compile(graph, this.#device, { prepack: false });
    });
  }
}

function floatsOf(tensor: HostTensor | undefined): Float32Array {
  if (tensor?.elementType !== "float32")
    throw new ShapeError("the graph gave no values of its targets");
  return tensor.data;
}

function learning(weights: ModelWeights): ScoredWeights {
  const { config, base, quantized = {}, adapter } = weights;
  return {
    config,
    parameters: [...base.shapes, ...(adapter?.parameters.shapes ?? [])],
    lora: adapter?.settings ?? null,
    tensors: quantized,
    fed: { ...base.tensors, ...quantized, ...adapter?.parameters.tensors },
  };
}

function frozen({ config, tensors }: FrozenModel): ScoredWeights {
  const fed = Object.fromEntries(
    Object.entries(tensors).flatMap(([name, tensor]) =>
      "data" in tensor ? [[name, tensor] as const] : [],
    ),
  );
  return { config, parameters: [], lora: null, tensors, fed };
}
