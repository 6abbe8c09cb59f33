/**
 * @file A graph made runnable: the only place that knows ONNX Runtime.
 *
 * An executable owns its session until `release`. Feeds and results are host
 * tensors; a result array given by the caller is written in place, and one given
 * as feed and as result at once is updated where it lies (the key/value cache).
 * Runs on one device are queued: two at once would fight over the same threads.
 */
import * as ort from "./onnx-runtime.js";
import type { Graph } from "../graph/graph.js";
import { encodeModel } from "../onnx/encode.js";
import type { HostTensor } from "../tensor/host-tensor.js";
import { ShapeError } from "../tensor/tensor-type.js";
import type { Device } from "./device.js";

export type Tensors = Readonly<Record<string, HostTensor>>;

export interface RunOptions {
  readonly results?: Tensors;
  readonly wanted?: readonly string[];
}

export interface Executable {
  /**
   * @param feeds one tensor for each input of the graph that is used
   * @param options.results arrays to write results into, by output name; others are allocated
   * @param options.wanted names of the outputs to hand over, which costs a copy of each; all when absent
   * @returns the outputs of the graph that are wanted
   */
  run(
    feeds: Tensors,
    options?: RunOptions,
  ): Promise<Record<string, HostTensor>>;
  release(): Promise<void>;
}

let live = 0;
let queue: Promise<unknown> = Promise.resolve();

/** Executables made and not yet released. @internal for leak tests */
export function liveExecutables(): number {
  return live;
}

/** The wrapper of each host tensor, made once as parameters are fed thousands of times. */
const wrappers = new WeakMap<HostTensor, ort.Tensor>();

function wrap(tensor: HostTensor): ort.Tensor {
  const known = wrappers.get(tensor);
  if (known !== undefined) return known;
  const made = new ort.Tensor(tensor.elementType, tensor.data, tensor.shape);
  wrappers.set(tensor, made);
  return made;
}

function unwrap(tensor: ort.Tensor): HostTensor {
  return {
    elementType: tensor.type,
    shape: tensor.dims,
    data: tensor.data,
  } as HostTensor;
}

/**
 * Compiles a graph for a device.
 * @param options.prepack lay constant matrices out for the kernels: faster products,
 *   a copy of each in this executable; without it those in files stay there
 * @throws ShapeError for constants in files of several folders
 */
export async function compile(
  graph: Graph,
  device: Device,
  { prepack = true }: { readonly prepack?: boolean } = {},
): Promise<Executable> {
  const session = await ort.InferenceSession.create(encodeModel(graph), {
    executionProviders: [device.name],
    intraOpNumThreads: device.threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: "all",
    // The pool grows by doubling and keeps what it has: no faster, up to twice the memory.
    enableCpuMemArena: false,
    logSeverityLevel: 3,
    // A masked softmax ends in denormals, which cost a hundred times a normal number
    // (docs/decisions/2026-11-25-denormals-as-zero.md).
    extra: {
      session: {
        set_denormal_as_zero: "1",
        disable_prepacking: prepack ? "0" : "1",
        ...fileFolder(graph),
      },
    },
    ...(device.profile === undefined
      ? {}
      : { enableProfiling: true, profileFilePrefix: device.profile }),
  });
  live++;
  let released = false;
  return {
    run: (feeds, options = {}) => {
      const turn = queue.then(() => runSession(session, feeds, options));
      queue = turn.catch(() => undefined);
      return turn;
    },
    release: async () => {
      if (released) return;
      released = true;
      live--;
      if (device.profile !== undefined) session.endProfiling();
      await session.release();
    },
  };
}

/** Where ONNX Runtime looks for the files of constants. */
function fileFolder(graph: Graph): Readonly<Record<string, string>> {
  const folders = new Set(
    [...graph.constants.values()].flatMap((tensor) =>
      "place" in tensor ? [tensor.place.folder] : [],
    ),
  );
  if (folders.size > 1)
    throw new ShapeError("constants of one graph lie in several folders");
  const [folder] = folders;
  return folder === undefined
    ? {}
    : { model_external_initializers_file_folder_path: folder };
}

async function runSession(
  session: ort.InferenceSession,
  feeds: Tensors,
  { results = {}, wanted = session.outputNames }: RunOptions,
): Promise<Record<string, HostTensor>> {
  const wrapped: Record<string, ort.Tensor> = {};
  for (const name of session.inputNames) {
    const tensor = feeds[name];
    if (tensor === undefined)
      throw new ShapeError(`the graph input ${name} was not fed`);
    wrapped[name] = wrap(tensor);
  }
  const fetches: Record<string, ort.Tensor | null> = {};
  for (const name of wanted) {
    const target = results[name];
    fetches[name] = target === undefined ? null : wrap(target);
  }
  const produced = await session.run(wrapped, fetches);
  return Object.fromEntries(
    Object.entries(produced).map(([name, tensor]) => [
      name,
      results[name] ?? unwrap(tensor),
    ]),
  );
}
