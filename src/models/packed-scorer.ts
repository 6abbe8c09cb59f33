/**
 * @file Log-probabilities of given tokens, forward only, by packed batches.
 *
 * One compiled graph for each row length met; weights are fed, so the graphs share
 * them with whoever owns the parameters. Owner of the graphs: `release` frees them.
 */
import type { DecoderConfig } from "../checkpoints/config/decoder-config.js";
import type { Device } from "../engine/runtime/device.js";
import { ExecutableCache } from "../engine/runtime/executable-cache.js";
import { compile, type Executable } from "../engine/runtime/executable.js";
import type { HostTensor } from "../engine/tensor/host-tensor.js";
import { ShapeError } from "../engine/tensor/tensor-type.js";
import type { LoraSettings } from "./lora.js";
import { packedFeeds } from "./packed-feeds.js";
import { buildPackedGraph, LIKELIEST_OUTPUTS } from "./packed-graph.js";
import type { PackedBatch } from "./packing.js";
import type { ParameterSet } from "./parameters.js";
import type { QuantizedWeights } from "./quantized-weights.js";

export interface ModelWeights {
  readonly config: DecoderConfig;
  /** The weights of the model, without those that are quantized. */
  readonly base: ParameterSet;
  /** Linear layers with int8 weights, where they are. */
  readonly quantized?: QuantizedWeights | undefined;
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

export class PackedScorer {
  readonly #weights: ModelWeights;
  readonly #device: Device;
  readonly #alternatives: number;
  readonly #executables = new ExecutableCache(MOST_EXECUTABLES);

  /** @param alternatives how many of the likeliest tokens `scores` tells for each target */
  constructor(weights: ModelWeights, device: Device, alternatives = 0) {
    this.#weights = weights;
    this.#device = device;
    this.#alternatives = alternatives;
  }

  /** Log-probability of every target of a batch, [targetSlots]. */
  async logProbabilities(batch: PackedBatch): Promise<Float32Array> {
    return (await this.scores(batch)).logProbabilities;
  }

  async scores(batch: PackedBatch): Promise<TargetScores> {
    const { config, base, quantized, adapter } = this.#weights;
    const executable = await this.#executable(batch);
    const results = await executable.run({
      ...base.tensors,
      ...quantized?.tensors,
      ...adapter?.parameters.tensors,
      ...packedFeeds(config, batch),
    });
    const [values, tokens] = LIKELIEST_OUTPUTS.map((name) => results[name]);
    return {
      logProbabilities: floatsOf(results.logProbabilities),
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

  #executable(batch: PackedBatch): Promise<Executable> {
    const key = String(batch.length);
    const { config, base, quantized, adapter } = this.#weights;
    return this.#executables.get(key, () => {
      const { graph } = buildPackedGraph({
        config,
        length: batch.length,
        parameters: [...base.shapes, ...(adapter?.parameters.shapes ?? [])],
        lora: adapter?.settings ?? null,
        quantized,
        alternatives: this.#alternatives,
      });
      return compile(graph, this.#device);
    });
  }
}

function floatsOf(tensor: HostTensor | undefined): Float32Array {
  if (tensor?.elementType !== "float32")
    throw new ShapeError("the graph gave no log-probabilities");
  return tensor.data;
}
