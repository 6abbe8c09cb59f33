/**
 * @file The safetensors files of one model: a single `model.safetensors`, or
 * shards listed by `model.safetensors.index.json`.
 *
 * Opening reads headers only; each tensor is read from its shard when asked for,
 * so loading a model needs the model plus one tensor. Shapes are checked against
 * the configuration elsewhere (`checkpoint.ts`).
 */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { AutodidactError } from "../../foundation/error.js";
import { writeFileAtomic } from "../../foundation/storage.js";
import { readText } from "../files/checkpoint-file.js";
import { STORED_BYTES, type WrittenFormat } from "./number-formats.js";
import {
  assertFinite,
  tensorSize,
  openSafetensors,
  readTensor,
  sortedByName,
  writeSafetensors,
  type SafetensorsFile,
  type StoredTensor,
  type TensorShape,
} from "./safetensors.js";

const SINGLE_FILE = "model.safetensors";
const INDEX_FILE = "model.safetensors.index.json";

export interface WeightFiles {
  /** Absolute or caller-relative paths, in name order. */
  readonly files: readonly string[];
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /**
   * Values of one tensor, row-major float32, all finite.
   * @throws BAD_CHECKPOINT: no such tensor, truncated file, NaN or infinity
   */
  read(name: string): Promise<Float32Array>;
}

const shardIndex = z.object({
  weight_map: z.record(z.string(), z.string()),
});

/**
 * Opens the weights in a checkpoint folder.
 * @throws BAD_CHECKPOINT: none there, an index that is malformed or names a file or
 *   tensor that is missing, and whatever `openSafetensors` refuses
 */
export async function openWeightFiles(folder: string): Promise<WeightFiles> {
  const indexPath = join(folder, INDEX_FILE);
  const single = join(folder, SINGLE_FILE);
  // Where both are there, transformers reads the single file.
  const sharded = !existsSync(single);
  if (sharded && existsSync(indexPath)) return openShards(folder, indexPath);
  if (sharded)
    throw new AutodidactError(
      "BAD_CHECKPOINT",
      `${folder} holds neither ${SINGLE_FILE} nor ${INDEX_FILE}. Name a folder with a Hugging Face checkpoint in safetensors form.`,
      { path: folder },
    );
  const file = await openSafetensors(single);
  return weightFiles(new Map([...file.tensors.keys()].map((n) => [n, file])));
}

/**
 * Writes the weights into an existing folder: one file, or shards of at most
 * `maxShardBytes` (a tensor larger than that gets a shard of its own) with their
 * index, named as `transformers` names them.
 * @throws STORAGE
 */
export async function saveWeightFiles(options: {
  readonly folder: string;
  readonly tensors: readonly TensorShape[];
  readonly format: WrittenFormat;
  readonly maxShardBytes: number;
  readonly read: (name: string) => Promise<Float32Array> | Float32Array;
}): Promise<void> {
  const { folder, format, read } = options;
  const shards = planShards(options);
  if (shards.length === 1) {
    const path = join(folder, SINGLE_FILE);
    await writeSafetensors({ path, tensors: options.tensors, format, read });
    return;
  }
  const weightMap: Record<string, string> = {};
  for (const [index, tensors] of shards.entries()) {
    const name = shardName(index, shards.length);
    await writeSafetensors({
      path: join(folder, name),
      tensors,
      format,
      read,
    });
    for (const tensor of tensors) weightMap[tensor.name] = name;
  }
  const parameters = options.tensors.reduce(
    (total, { shape }) => total + tensorSize(shape),
    0,
  );
  const index = {
    metadata: {
      total_parameters: parameters,
      total_size: parameters * bytesPerValue(format),
    },
    weight_map: weightMap,
  };
  await writeFileAtomic(
    join(folder, INDEX_FILE),
    `${JSON.stringify(index, null, 2)}\n`,
  );
}

function planShards(options: {
  readonly tensors: readonly TensorShape[];
  readonly format: WrittenFormat;
  readonly maxShardBytes: number;
}): TensorShape[][] {
  const shards: TensorShape[][] = [[]];
  let filled = 0;
  for (const tensor of sortedByName(options.tensors)) {
    const bytes = tensorSize(tensor.shape) * bytesPerValue(options.format);
    if (filled > 0 && filled + bytes > options.maxShardBytes) {
      shards.push([]);
      filled = 0;
    }
    shards.at(-1)?.push(tensor);
    filled += bytes;
  }
  return shards;
}

function bytesPerValue(format: WrittenFormat): number {
  return STORED_BYTES[format === "f32" ? "F32" : "BF16"];
}

function shardName(index: number, count: number): string {
  const digits = (n: number): string => String(n).padStart(5, "0");
  return `model-${digits(index + 1)}-of-${digits(count)}.safetensors`;
}

async function openShards(
  folder: string,
  indexPath: string,
): Promise<WeightFiles> {
  let weightMap: Record<string, string>;
  try {
    weightMap = shardIndex.parse(
      JSON.parse(await readText(indexPath)),
    ).weight_map;
  } catch (cause) {
    throw badIndex(indexPath, "is not a valid shard index", cause);
  }
  const shards = new Map<string, SafetensorsFile>();
  const owners = new Map<string, SafetensorsFile>();
  for (const [tensor, name] of Object.entries(weightMap)) {
    if (name !== basename(name))
      throw badIndex(indexPath, `names a shard outside its folder: "${name}"`);
    const shard =
      shards.get(name) ?? (await openSafetensors(join(folder, name)));
    shards.set(name, shard);
    if (!shard.tensors.has(tensor))
      throw badIndex(
        indexPath,
        `promises tensor "${tensor}" in ${name}, which does not hold it`,
      );
    owners.set(tensor, shard);
  }
  return weightFiles(owners);
}

function weightFiles(
  owners: ReadonlyMap<string, SafetensorsFile>,
): WeightFiles {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, file] of owners) {
    const tensor = file.tensors.get(name);
    if (tensor) tensors.set(name, tensor);
  }
  const files = [...new Set([...owners.values()].map(({ path }) => path))];
  return {
    files: files.sort(),
    tensors,
    async read(name) {
      const file = owners.get(name);
      if (!file)
        throw new AutodidactError(
          "BAD_CHECKPOINT",
          `The checkpoint ${files.join(", ")} has no tensor "${name}". Its config.json promises one; use a complete checkpoint.`,
          { tensor: name },
        );
      const values = await readTensor(file, name);
      assertFinite(values, { file: file.path, tensor: name });
      return values;
    },
  };
}

function badIndex(
  path: string,
  problem: string,
  cause?: unknown,
): AutodidactError {
  return new AutodidactError(
    "BAD_CHECKPOINT",
    `${path} ${problem}. Download or export the checkpoint again.`,
    { path },
    { cause },
  );
}
