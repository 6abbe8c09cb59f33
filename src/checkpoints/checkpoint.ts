/**
 * @file A Hugging Face checkpoint folder, opened and saved.
 *
 * An opened checkpoint is consistent: the files hold exactly the tensors, in
 * exactly the shapes, that `config.json` describes, and the tokenizer fits the
 * vocabulary. A saved one appears complete or not at all.
 */
import { copyFile, readdir } from "node:fs/promises";
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { AutodidactError } from "../foundation/error.js";
import { hashFile, hashOf } from "../foundation/hash.js";
import {
  makeFolder,
  storageError,
  writeFileAtomic,
} from "../foundation/storage.js";
import { readConfig } from "./config/config-file.js";
import { formatConfig } from "./config/config-writer.js";
import type { DecoderConfig } from "./config/decoder-config.js";
import type { WrittenFormat } from "./weights/number-formats.js";
import { readGenerationConfig } from "./config/generation-config.js";
import { parameterTable } from "./weights/parameter-table.js";
import {
  COMPANION_FILES,
  replaceFolder,
  TEMPLATE_FOLDER,
} from "./replace-folder.js";
import type { TensorShape } from "./weights/safetensors.js";
import { openTokenizer, type TextTokenizer } from "./tokenizer/tokenizer.js";
import {
  openWeightFiles,
  saveWeightFiles,
  type WeightFiles,
} from "./weights/weight-files.js";

export interface Checkpoint {
  readonly folder: string;
  readonly config: DecoderConfig;
  readonly tokenizer: TextTokenizer;
  /** Every weight, in the order of `parameterTable`. */
  readonly parameters: readonly TensorShape[];
  /** Every token that ends generation: of the configurations and the tokenizer. */
  readonly eosTokenIds: readonly number[];
  /** Settings of generation_config.json that change greedy answers elsewhere and are not applied: "name value". */
  readonly ignoredSettings: readonly string[];
  /** Never null: a padding token, else an end-of-sequence token, else 0. */
  readonly padTokenId: number;
  /**
   * One weight, row-major float32.
   * @throws BAD_CHECKPOINT: no such weight, damaged file, NaN or infinity
   */
  readParameter(name: string): Promise<Float32Array>;
  /** SHA-256 over configuration, tokenizer and weights; changes whenever an answer could. */
  weightHash(): Promise<string>;
}

export interface CheckpointOptions {
  /** Told of the configuration before what takes longer is read. */
  readonly onConfig?: (config: DecoderConfig) => void;
}

/** As large as `transformers` 4 makes them. */
const DEFAULT_SHARD_BYTES = 5_000_000_000;

/**
 * Opens a checkpoint folder and checks that its parts agree. Weights stay on disk.
 * @throws BAD_CHECKPOINT: whatever the parts refuse; tensors missing, superfluous or
 *   of another shape than `config.json` fixes; a tokenizer larger than the vocabulary
 */
export async function openCheckpoint(
  folder: string,
  { onConfig }: CheckpointOptions = {},
): Promise<Checkpoint> {
  const config = await readConfig(folder);
  onConfig?.(config);
  const tokenizer = await openTokenizer(folder);
  const weights = await openWeightFiles(folder);
  const parameters = parameterTable(config);
  checkWeights({ folder, config, parameters, weights });
  if (tokenizer.vocabSize > config.vocabSize)
    throw new AutodidactError(
      "BAD_CHECKPOINT",
      `${folder} has the wrong tokenizer: it makes token ids up to ${tokenizer.vocabSize - 1}, the model knows ${config.vocabSize} tokens. Use the tokenizer the model was trained with.`,
      { path: folder },
    );
  await checkTie({ folder, config, weights });
  const generation = await readGenerationConfig(folder, config.vocabSize);
  const eosTokenIds = [
    ...new Set([
      ...generation.eosTokenIds,
      ...config.eosTokenIds,
      ...[tokenizer.eosTokenId ?? []].flat(),
    ]),
  ];
  let hash: Promise<string> | undefined;
  return {
    folder,
    config,
    tokenizer,
    parameters,
    eosTokenIds,
    ignoredSettings: generation.ignoredSettings,
    padTokenId:
      tokenizer.padTokenId ?? config.padTokenId ?? eosTokenIds[0] ?? 0,
    readParameter: (name) => weights.read(name),
    weightHash: () => (hash ??= hashCheckpoint(folder, weights)),
  };
}

/**
 * Saves a checkpoint that `transformers` loads, all or nothing: everything is
 * written to a folder beside `folder`, which then takes its place.
 * @param tokenizerFrom a checkpoint folder whose tokenizer and generation files are copied
 * @param readParameter gives each weight of `parameterTable(config)` when its turn comes
 * @throws STORAGE when it cannot be written, BAD_CHECKPOINT when a weight has the wrong size
 */
export async function saveCheckpoint(options: {
  readonly folder: string;
  readonly config: DecoderConfig;
  readonly tokenizerFrom: string;
  readonly readParameter: (
    name: string,
  ) => Promise<Float32Array> | Float32Array;
  /** Default f32. */
  readonly format?: WrittenFormat;
  /** Default 5 GB. */
  readonly maxShardBytes?: number;
}): Promise<void> {
  const { config, tokenizerFrom } = options;
  const format = options.format ?? "f32";
  await replaceFolder(options.folder, async (partial) => {
    await saveWeightFiles({
      folder: partial,
      tensors: parameterTable(config),
      format,
      maxShardBytes: options.maxShardBytes ?? DEFAULT_SHARD_BYTES,
      read: options.readParameter,
    });
    await copyCompanions(tokenizerFrom, partial);
    const dtype = { f32: "float32", f16: "float16", bf16: "bfloat16" } as const;
    await writeFileAtomic(
      join(partial, "config.json"),
      formatConfig(config, dtype[format]),
    );
  });
}

/** Tokenizer, generation settings and every chat template, as names in the folder. */
async function companionsOf(folder: string): Promise<string[]> {
  const templates = join(folder, TEMPLATE_FOLDER);
  const further = existsSync(templates)
    ? (await readdir(templates, { withFileTypes: true })).flatMap((entry) =>
        entry.isFile() && entry.name.endsWith(".jinja")
          ? [join(TEMPLATE_FOLDER, entry.name)]
          : [],
      )
    : [];
  return [...COMPANION_FILES, ...further].filter((name) =>
    existsSync(join(folder, name)),
  );
}

/** SHA-256 of each file besides configuration and weights, by its name in the folder. */
export async function companionHashes(
  folder: string,
): Promise<Readonly<Record<string, string>>> {
  const hashes: Record<string, string> = {};
  for (const name of await companionsOf(folder))
    hashes[name] = await hashFile(join(folder, name));
  return hashes;
}

/** @throws STORAGE */
async function copyCompanions(from: string, to: string): Promise<void> {
  const names = await companionsOf(from);
  if (names.some((name) => dirname(name) === TEMPLATE_FOLDER))
    await makeFolder(join(to, TEMPLATE_FOLDER));
  for (const name of names) {
    try {
      await copyFile(join(from, name), join(to, name));
    } catch (cause) {
      throw storageError(join(to, name), cause);
    }
  }
}

/** Tensors some exporters store although they follow from the configuration. */
const DERIVED_TENSOR = /\.rotary_emb\.inv_freq$/;

function checkWeights(source: {
  readonly folder: string;
  readonly config: DecoderConfig;
  readonly parameters: readonly TensorShape[];
  readonly weights: WeightFiles;
}): void {
  const { folder, config, parameters, weights } = source;
  const fail = (problem: string): never => {
    throw new AutodidactError(
      "BAD_CHECKPOINT",
      `${folder}: ${problem}. config.json and the weights do not belong together; use a matching pair.`,
      { path: folder },
    );
  };
  const expected = new Set<string>();
  for (const { name, shape } of parameters) {
    expected.add(name);
    const stored = weights.tensors.get(name);
    if (!stored)
      return fail(`config.json promises tensor "${name}", no file holds it`);
    if (stored.shape.join() !== shape.join())
      return fail(
        `tensor "${name}" has shape [${stored.shape.join(", ")}], config.json asks for [${shape.join(", ")}]`,
      );
  }
  for (const name of weights.tensors.keys()) {
    const tiedHead = config.tieWordEmbeddings && name === "lm_head.weight";
    if (!expected.has(name) && !tiedHead && !DERIVED_TENSOR.test(name))
      fail(
        `the files hold tensor "${name}", which config.json has no place for`,
      );
  }
}

/** Some exporters store a tied head too; it must then be the embedding. */
async function checkTie(source: {
  readonly folder: string;
  readonly config: DecoderConfig;
  readonly weights: WeightFiles;
}): Promise<void> {
  const { folder, config, weights } = source;
  if (!config.tieWordEmbeddings || !weights.tensors.has("lm_head.weight"))
    return;
  const head = await weights.read("lm_head.weight");
  const embedding = await weights.read("model.embed_tokens.weight");
  const same =
    head.length === embedding.length &&
    head.every((value, index) => value === embedding[index]);
  if (!same)
    throw new AutodidactError(
      "BAD_CHECKPOINT",
      `${folder}: config.json says that the output head is the embedding, the files hold another one. Set "tie_word_embeddings" to false in config.json if the stored head is right.`,
      { path: folder, tensor: "lm_head.weight" },
    );
}

async function hashCheckpoint(
  folder: string,
  weights: WeightFiles,
): Promise<string> {
  const companions = COMPANION_FILES.map((name) => join(folder, name));
  const paths = [join(folder, "config.json"), ...companions, ...weights.files];
  const hashes: Record<string, string> = {};
  for (const path of paths)
    if (existsSync(path)) hashes[basename(path)] = await hashFile(path);
  return hashOf(hashes);
}
