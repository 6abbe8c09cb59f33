/**
 * @file The two ways in which the inference graph is called: several rows of new tokens
 * behind one prefix, and one more token for sequences with a past of their own.
 *
 * What a row gets does not depend on the other rows: masked positions weigh nothing,
 * and every sum runs over positions in the same order.
 */
import type { DecoderConfig } from "../checkpoints/config/decoder-config.js";
import type { Executable, Tensors } from "../engine/runtime/executable.js";
import {
  float32Tensor,
  int64Tensor,
  type HostTensor,
} from "../engine/tensor/host-tensor.js";
import { ShapeError } from "../engine/tensor/tensor-type.js";
import {
  CHOICE_OUTPUTS,
  maskName,
  newNames,
  windowsOf,
} from "./inference-graph.js";
import {
  noPast,
  prefixFeeds,
  type KeyValueCache,
  type Segment,
} from "./key-value-cache.js";

export interface InferenceModel {
  readonly config: DecoderConfig;
  readonly executable: Executable;
}

export interface Extension {
  /** After the token of each row that was asked for, [rows, vocabulary]. */
  readonly logits: Float32Array;
  /** Keys and values of the new tokens, by output name. */
  readonly made: Tensors;
}

/**
 * Runs rows of tokens, each behind the same prefix.
 * @param call.rows at least one token each
 * @param call.wanted place in each row of the token whose logits are wanted; the last one when absent
 */
export async function extend(
  { config, executable }: InferenceModel,
  call: {
    readonly prefix: readonly Segment[];
    readonly rows: readonly (readonly number[])[];
    readonly wanted?: readonly number[];
  },
): Promise<Extension> {
  const { prefix, rows } = call;
  const before = prefix.reduce((sum, { length }) => sum + length, 0);
  const width = Math.max(...rows.map(({ length }) => length));
  const wanted = call.wanted ?? rows.map(({ length }) => length - 1);
  const ids = new Int32Array(rows.length * width);
  const positions = new Int32Array(rows.length * width);
  rows.forEach((row, r) => {
    ids.set(row, r * width);
    for (let t = 0; t < width; t++) positions[r * width + t] = before + t;
  });
  const grid = [rows.length, width];
  const made = await executable.run(
    {
      ...prefixFeeds(config, prefix),
      ...noPast(config, rows.length),
      ...masks(config, (window) => causalMask(before, width, window)),
      ids: int64Tensor(ids, grid),
      positions: int64Tensor(positions, grid),
      lastToken: int64Tensor(wanted, [rows.length]),
      parts: int64Tensor([before + width, 0], [2]),
      batch: int64Tensor([rows.length, 1, 1, 1], [4]),
      inverseTemperature: column(new Float32Array(rows.length).fill(1)),
    },
    { wanted: ["logits", ...newNames(config)] },
  );
  return { logits: floatsOf(made, "logits"), made };
}

/** What the next tokens of the first slots are chosen by. */
export interface Advance {
  /** [slots, vocabulary] at the temperature of each; empty where they were not asked for */
  readonly weights: Float32Array;
  /** What else `tokenWeights` gives, [slots]. */
  readonly peaks: Float32Array;
  readonly best: Int32Array;
  /** [slots, V], where they were asked for */
  readonly logits: Float32Array | null;
}

/**
 * Runs one token for each of the first slots of a cache and stores its keys and values.
 * @param call.lengths positions filled before, of each
 * @param call.inverseTemperatures 1/T of each
 */
export async function advance(
  { config, executable }: InferenceModel,
  call: {
    readonly cache: KeyValueCache;
    readonly tokens: readonly number[];
    readonly lengths: readonly number[];
    readonly inverseTemperatures: Float32Array;
    readonly weights: boolean;
    readonly logits: boolean;
  },
): Promise<Advance> {
  const { cache, tokens, lengths } = call;
  const count = tokens.length;
  const made = await executable.run(
    {
      ...prefixFeeds(config, []),
      ...cache.view(count),
      ...masks(config, (window) => pastMask(lengths, cache.positions, window)),
      ids: int64Tensor(tokens, [count, 1]),
      positions: int64Tensor(lengths, [count, 1]),
      lastToken: int64Tensor(new Int32Array(count), [count]),
      parts: int64Tensor([1, cache.positions], [2]),
      batch: int64Tensor([count, 1, 1, 1], [4]),
      inverseTemperature: column(call.inverseTemperatures),
    },
    {
      wanted: [
        ...CHOICE_OUTPUTS.filter((name) => name !== "weights" || call.weights),
        ...(call.logits ? ["logits"] : []),
        ...newNames(config),
      ],
    },
  );
  cache.append(made, lengths);
  const { best } = made;
  if (best?.elementType !== "int32")
    throw new ShapeError("the graph gave no best token");
  return {
    weights: call.weights ? floatsOf(made, "weights") : new Float32Array(0),
    peaks: floatsOf(made, "peak"),
    best: best.data,
    logits: call.logits ? floatsOf(made, "logits") : null,
  };
}

function column(values: Float32Array): HostTensor {
  return float32Tensor(values, [values.length, 1]);
}

function floatsOf(made: Tensors, name: string): Float32Array {
  const tensor = made[name];
  if (tensor?.elementType !== "float32")
    throw new ShapeError(`the graph gave no ${name}`);
  return tensor.data;
}

function masks(
  config: DecoderConfig,
  make: (window: number) => HostTensor,
): Tensors {
  return Object.fromEntries(
    windowsOf(config).map((window) => [
      maskName(window),
      make(window ?? Number.POSITIVE_INFINITY),
    ]),
  );
}

/** [1, 1, width, before + width]: token t sees what is at most `window` − 1 before it. */
function causalMask(before: number, width: number, window: number): HostTensor {
  const keys = before + width;
  const data = new Float32Array(width * keys).fill(Number.NEGATIVE_INFINITY);
  for (let t = 0; t < width; t++) {
    const place = before + t;
    const first = Math.max(0, place - window + 1);
    data.fill(0, t * keys + first, t * keys + place + 1);
  }
  return float32Tensor(data, [1, 1, width, keys]);
}

/** [rows, 1, 1, 1 + positions]: the new token sees itself and the window before it. */
function pastMask(
  lengths: readonly number[],
  positions: number,
  window: number,
): HostTensor {
  const keys = 1 + positions;
  const data = new Float32Array(lengths.length * keys).fill(
    Number.NEGATIVE_INFINITY,
  );
  lengths.forEach((length, row) => {
    const start = row * keys + 1;
    const first = Math.max(0, length - window + 1);
    data[start - 1] = 0;
    data.fill(0, start + first, start + length);
  });
  return float32Tensor(data, [lengths.length, 1, 1, keys]);
}
