/**
 * @file A model that is being trained: its weights, its gradients and the compiled
 * graphs for the batch sizes met so far.
 *
 * Gradients are written by the graph straight into one flat array beside the flat
 * array of trainable weights. Owner of the compiled graphs: `release` frees them.
 */
import type { DecoderConfig } from "../checkpoints/decoder-config.js";
import type { Device } from "../engine/runtime/device.js";
import { compile, type Executable } from "../engine/runtime/executable.js";
import {
  float32Tensor,
  int64Tensor,
  type HostTensor,
} from "../engine/tensor/host-tensor.js";
import type { LoraSettings } from "../models/lora.js";
import { ParameterSet } from "../models/parameters.js";
import type { BoundObjective } from "./objectives/objective.js";
import { attentionMask, type PackedBatch } from "./packing.js";
import {
  buildTrainingGraph,
  gradientName,
  maskName,
} from "./training-graph.js";

export interface StepResult {
  readonly loss: number;
  /** Log-probability of each target, [targetSlots]. */
  readonly logProbabilities: Float32Array;
  /** Sums by sequence where the objective makes them. */
  readonly sequenceLogProbabilities: Float32Array | null;
}

export interface TrainingModelOptions {
  readonly config: DecoderConfig;
  /** All weights of the model. */
  readonly base: ParameterSet;
  /** Adapter weights; null trains the base itself. */
  readonly adapter: {
    readonly settings: LoraSettings;
    readonly parameters: ParameterSet;
  } | null;
  readonly device: Device;
}

export class TrainingModel {
  /** The weights that learn: the adapter's, or all. */
  readonly trainable: ParameterSet;
  /** Same layout as `trainable`; the sum over the micro-batches of a step. */
  readonly gradients: ParameterSet;
  readonly #options: TrainingModelOptions;
  readonly #executables = new Map<string, Promise<Executable>>();

  constructor(options: TrainingModelOptions) {
    this.#options = options;
    this.trainable = options.adapter?.parameters ?? options.base;
    this.gradients = new ParameterSet(this.trainable.shapes);
  }

  /** Log-probability of every target of a batch, without gradients; [targetSlots]. */
  async logProbabilities(batch: PackedBatch): Promise<Float32Array> {
    const executable = await this.#executable(batch, null);
    const results = await executable.run(this.#feeds(batch, null));
    return floats(results, "logProbabilities");
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
    const executable = await this.#executable(batch, objective);
    const target = accumulate
      ? new ParameterSet(this.trainable.shapes)
      : this.gradients;
    const gradients: Record<string, HostTensor> = {};
    for (const [name, tensor] of Object.entries(target.tensors)) {
      gradients[gradientName(name)] = tensor;
    }
    const results = await executable.run(
      this.#feeds(batch, objective),
      gradients,
    );
    if (accumulate) {
      const sum = this.gradients.values;
      for (let i = 0; i < sum.length; i++) {
        sum[i] = (sum[i] as number) + (target.values[i] as number);
      }
    }
    return {
      loss: floats(results, "loss")[0] ?? Number.NaN,
      logProbabilities: floats(results, "logProbabilities"),
      sequenceLogProbabilities:
        results.sequenceLogProbabilities === undefined
          ? null
          : floats(results, "sequenceLogProbabilities"),
    };
  }

  async release(): Promise<void> {
    const executables = [...this.#executables.values()];
    this.#executables.clear();
    for (const executable of executables) await (await executable).release();
  }

  #executable(
    batch: PackedBatch,
    objective: BoundObjective | null,
  ): Promise<Executable> {
    const { rows, length, targetSlots } = batch;
    const key = `${rows}x${length}x${targetSlots}:${objective?.key ?? "forward"}`;
    const known = this.#executables.get(key);
    if (known !== undefined) return known;
    const { config, base, adapter, device } = this.#options;
    const graph = buildTrainingGraph(
      {
        config,
        parameters: [...base.shapes, ...(adapter?.parameters.shapes ?? [])],
        lora: adapter?.settings ?? null,
        trainable:
          objective === null
            ? []
            : this.trainable.shapes.map(({ name }) => name),
        objective: objective?.build ?? null,
      },
      batch,
    );
    const made = compile(graph, device);
    this.#executables.set(key, made);
    return made;
  }

  #feeds(
    batch: PackedBatch,
    objective: BoundObjective | null,
  ): Record<string, HostTensor> {
    const { config, base, adapter } = this.#options;
    const { rows, length, targetSlots } = batch;
    const feeds: Record<string, HostTensor> = {
      ...base.tensors,
      ...adapter?.parameters.tensors,
      ...objective?.feeds,
      ids: int64Tensor(batch.ids, [rows * length]),
      positions: int64Tensor(batch.positions, [rows, length]),
      sources: int64Tensor(batch.sources, [targetSlots]),
      targets: int64Tensor(batch.targets, [targetSlots]),
    };
    for (const { slidingWindow } of config.layers) {
      feeds[maskName(slidingWindow)] ??= float32Tensor(
        attentionMask(batch, slidingWindow),
        [rows, 1, 1, length, length],
      );
    }
    return feeds;
  }
}

function floats(
  results: Readonly<Record<string, HostTensor>>,
  name: string,
): Float32Array {
  const tensor = results[name];
  if (tensor?.elementType !== "float32")
    throw new RangeError(`the graph gave no ${name}`);
  return tensor.data;
}
