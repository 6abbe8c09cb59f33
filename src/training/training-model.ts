/**
 * @file A model that is being trained: its weights, its gradients and the compiled
 * graphs for the row lengths met so far.
 *
 * Gradients are written by the graph straight into one flat array beside the flat
 * array of trainable weights. Owner of the compiled graphs: `release` frees them.
 */
import type { Device } from "../engine/runtime/device.js";
import { ExecutableCache } from "../engine/runtime/executable-cache.js";
import { compile, type Executable } from "../engine/runtime/executable.js";
import type { HostTensor } from "../engine/tensor/host-tensor.js";
import { trainingTokens } from "../models/call-size.js";
import { packedFeeds } from "../models/packed-feeds.js";
import { PackedScorer, type ModelWeights } from "../models/packed-scorer.js";
import type { PackedBatch } from "../models/packing.js";
import { ParameterSet } from "../models/parameters.js";
import type { BoundObjective } from "./objectives/objective.js";
import {
  buildTrainingGraph,
  gradientName,
  TRAINING_FEEDS,
} from "./training-graph.js";

export interface StepResult {
  readonly loss: number;
  /** Sum of the target values of each sequence, where the objective makes them. */
  readonly bySequence: Float32Array | null;
}

/** Row lengths whose graphs are kept; each holds the activations of its largest batch. */
const MOST_EXECUTABLES = 6;

export class TrainingModel {
  /** The weights that learn: the adapter's, or all. */
  readonly trainable: ParameterSet;
  /** Same layout as `trainable`; the sum over the micro-batches of a step. */
  readonly gradients: ParameterSet;
  /** Tokens of a micro-batch, above which the process would hear no signal for long. */
  readonly callTokens: number;
  readonly #weights: ModelWeights;
  readonly #device: Device;
  readonly #scorer: PackedScorer;
  readonly #executables = new ExecutableCache(MOST_EXECUTABLES);
  readonly #gradientCheckpointing: boolean;
  /** Gradients of one micro-batch, before they are added to the others'. */
  #further: ParameterSet | null = null;

  constructor(
    weights: ModelWeights,
    device: Device,
    /** Less memory for a third more time; the numbers are the same. */
    options: { readonly gradientCheckpointing?: boolean } = {},
  ) {
    this.#gradientCheckpointing = options.gradientCheckpointing ?? false;
    this.#weights = weights;
    this.callTokens = trainingTokens(weights.config);
    this.#device = device;
    this.#scorer = new PackedScorer(weights, device);
    this.trainable = weights.adapter?.parameters ?? weights.base;
    this.gradients = new ParameterSet(this.trainable.shapes);
  }

  /** Log-probability of every target of a batch, without gradients; [targetSlots]. */
  logProbabilities(batch: PackedBatch): Promise<Float32Array> {
    return this.#scorer.logProbabilities(batch);
  }

  /**
   * Loss of a micro-batch and its gradients.
   * @param accumulate add to the gradients there instead of replacing them
   */
  async backward(
    batch: PackedBatch,
    objective: BoundObjective,
    accumulate = false,
  ): Promise<StepResult> {
    const { config, base, quantized, adapter } = this.#weights;
    const executable = await this.#executable(batch, objective);
    const target = accumulate
      ? (this.#further ??= new ParameterSet(this.trainable.shapes))
      : this.gradients;
    const feeds = {
      ...base.tensors,
      ...quantized,
      ...adapter?.parameters.tensors,
      ...packedFeeds(config, batch),
      ...objective.feeds,
      ...TRAINING_FEEDS,
    };
    const gradients: Record<string, HostTensor> = {};
    for (const [name, tensor] of Object.entries(target.tensors)) {
      gradients[gradientName(name)] = tensor;
    }
    const results = await executable.run(feeds, {
      results: gradients,
    });
    if (accumulate) addInto(this.gradients.values, target.values);
    return {
      loss: Number(results.loss?.data[0]),
      bySequence: floats(results.bySequence),
    };
  }

  async release(): Promise<void> {
    await this.#scorer.release();
    await this.#executables.release();
  }

  #executable(
    batch: PackedBatch,
    objective: BoundObjective,
  ): Promise<Executable> {
    const { length } = batch;
    const key = `${length}:${objective.key}`;
    const { config, base, quantized, adapter } = this.#weights;
    return this.#executables.get(key, () => {
      const graph = buildTrainingGraph({
        config,
        length,
        parameters: [...base.shapes, ...(adapter?.parameters.shapes ?? [])],
        lora: adapter?.settings ?? null,
        tensors: quantized,
        trainable: this.trainable.shapes.map(({ name }) => name),
        objective: objective.build,
        gradientCheckpointing: this.#gradientCheckpointing,
      });
      return compile(graph, this.#device);
    });
  }
}

function addInto(sum: Float32Array, part: Float32Array): void {
  for (let i = 0; i < sum.length; i++) {
    sum[i] = (sum[i] as number) + (part[i] as number);
  }
}

function floats(tensor: HostTensor | undefined): Float32Array | null {
  return tensor?.elementType === "float32" ? tensor.data : null;
}
