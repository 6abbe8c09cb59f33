/**
 * @file The side of @huggingface/transformers in bench/peers: its own generate over an
 * ONNX export of the same checkpoint, all prompts as one batch padded on the left.
 *
 *   npx tsx bench/peers/transformers-js.ts '<request as JSON>'
 *
 * Needs bench/peers/transformers-js installed (see its package.json), and the export that
 * bench/peers/onnx-export.py makes. It has no several samples of one prompt: each prompt
 * stands in the batch as often as samples are wanted.
 */
import { basename, dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Finding, Generated } from "./measurement.js";
import { onnxFolder } from "./onnx-export.js";
import { now, readRequest, since, tell } from "./runner.js";
import { CHECKED_PROMPTS } from "./workload.js";

const LIBRARY = resolve(
  "bench/peers/transformers-js/node_modules/@huggingface/transformers/dist/transformers.node.mjs",
);
const PADDING = 0n;
const END = 1n;

/** The parts of the library that are used. */
interface Tensor {
  readonly dims: readonly number[];
  readonly data: Float32Array;
  tolist(): bigint[][];
}
interface Batch {
  readonly input_ids: Tensor;
  readonly attention_mask: Tensor;
}
interface Model {
  (batch: Batch): Promise<{ readonly logits: Tensor }>;
  generate(options: object): Promise<Tensor>;
  dispose(): Promise<unknown>;
}
interface Library {
  readonly env: { allowRemoteModels: boolean; localModelPath: string };
  readonly Tensor: new (
    type: string,
    data: BigInt64Array,
    dims: readonly number[],
  ) => Tensor;
  readonly AutoTokenizer: {
    from_pretrained(
      name: string,
    ): Promise<{ encode(text: string): readonly number[] }>;
  };
  readonly AutoModelForCausalLM: {
    from_pretrained(name: string, options: object): Promise<Model>;
  };
}

const { request, workload } = await readRequest();
const library = (await import(pathToFileURL(LIBRARY).href)) as Library;
const folder = onnxFolder(request.folder);
library.env.allowRemoteModels = false;
library.env.localModelPath = dirname(folder);
const tokenizer = await library.AutoTokenizer.from_pretrained(basename(folder));
const model = await library.AutoModelForCausalLM.from_pretrained(
  basename(folder),
  {
    device: "cpu",
    dtype: request.setting,
    session_options: { intraOpNumThreads: request.threads },
  },
);

const encode = (prompt: string): bigint[] =>
  tokenizer.encode(prompt).map(BigInt);

/** Rows of one length, padded on the left. */
function padded(rows: readonly (readonly bigint[])[]): Batch {
  const length = Math.max(...rows.map((row) => row.length));
  const tensor = (cells: (row: readonly bigint[]) => readonly bigint[]) =>
    new library.Tensor("int64", BigInt64Array.from(rows.flatMap(cells)), [
      rows.length,
      length,
    ]);
  const before = (row: readonly bigint[]): bigint[] =>
    new Array<bigint>(length - row.length).fill(PADDING);
  return {
    input_ids: tensor((row) => [...before(row), ...row]),
    attention_mask: tensor((row) => [...before(row), ...row.map(() => 1n)]),
  };
}

/** The library goes on after the end of a row until all have ended. */
function untilEnd(row: readonly bigint[]): readonly bigint[] {
  const end = row.indexOf(END);
  return end === -1 ? row : row.slice(0, end + 1);
}

async function run(
  samples: number,
  prompts = workload.prompts,
): Promise<Generated> {
  const started = now();
  const batch = padded(
    prompts.flatMap((prompt) =>
      new Array<bigint[]>(samples).fill(encode(prompt)),
    ),
  );
  const made = await model.generate({
    ...batch,
    max_new_tokens: request.newTokens,
    ...(samples === 1 ? { do_sample: false } : { do_sample: true, top_k: 0 }),
  });
  const taken = since(started);
  const rows = made
    .tolist()
    .map((row) => untilEnd(row.slice(batch.input_ids.dims[1])));
  const ids = rows
    .slice(0, CHECKED_PROMPTS)
    .map((row) => row.filter((id) => id !== END).map(Number));
  return {
    ...taken,
    tokens: rows.reduce((sum, row) => sum + row.length, 0),
    ids: samples === 1 ? ids : [],
  };
}

async function check(): Promise<Finding> {
  const prompts = workload.prompts.slice(0, CHECKED_PROMPTS);
  const { ids } = await run(1, prompts);
  const rows = prompts.map((prompt) => [...encode(prompt), END]);
  const { logits } = await model(padded(rows));
  const [, length = 0, width = 0] = logits.dims;
  const logProbabilities = rows.map((row, r) =>
    row.slice(1).reduce((sum, id, i) => {
      const position = length - row.length + i;
      const from = (r * length + position) * width;
      const values = logits.data.subarray(from, from + width);
      return sum + logProbability(values, Number(id));
    }, 0),
  );
  return { greedy: ids, logProbabilities };
}

function logProbability(logits: Float32Array, id: number): number {
  const top = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const sum = logits.reduce((total, value) => total + Math.exp(value - top), 0);
  return (logits[id] ?? Number.NaN) - top - Math.log(sum);
}

if (request.task === "check") tell(await check());
else {
  await run(1);
  tell({ batch: await run(1), candidates: await run(request.candidates) });
}
await model.dispose();
