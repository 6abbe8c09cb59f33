/**
 * @file LoRA adapters in PEFT's format: `adapter_config.json` and
 * `adapter_model.safetensors` with tensors named
 * `base_model.model.<layer>.lora_{A,B}.weight`.
 *
 * Read, written, and merged into a base: W' = W + s·B·A with A [r, in], B [out, r]
 * and s = alpha / r, or alpha / √r for rank-stabilised adapters (arXiv 2312.03732).
 * What PEFT can do beyond plain LoRA on linear layers is refused by name.
 */
import { join } from "node:path";
import { z } from "zod";
import { AutodidactError, messageOf } from "../foundation/error.js";
import { hashFile, hashOf } from "../foundation/hash.js";
import { writeFileAtomic } from "../foundation/storage.js";
import type { Checkpoint } from "./checkpoint.js";
import { readText } from "./files/checkpoint-file.js";
import { replaceFolder } from "./replace-folder.js";
import { waysOf } from "./tokenizer/pattern.js";
import {
  assertFinite,
  openSafetensors,
  readTensor,
  writeSafetensors,
  type SafetensorsFile,
} from "./weights/safetensors.js";

/** The low-rank part of one linear layer. */
export interface AdaptedLayer {
  /** Name of the layer, for instance `model.layers.0.self_attn.q_proj`. */
  readonly layer: string;
  readonly rank: number;
  readonly inputs: number;
  readonly outputs: number;
  /** s in W' = W + s·B·A. */
  readonly scale: number;
}

export interface Adapter {
  readonly folder: string;
  /** What `base_model_name_or_path` says: a folder or a Hub id. */
  readonly baseModel: string | null;
  readonly layers: readonly AdaptedLayer[];
  /**
   * A [r, in] and B [out, r] of a layer, row-major.
   * @throws BAD_CHECKPOINT: no such layer, damaged file, NaN or infinity
   */
  read(
    layer: string,
  ): Promise<{ readonly a: Float32Array; readonly b: Float32Array }>;
  /** SHA-256 over configuration and weights. */
  hash(): Promise<string>;
}

const CONFIG_FILE = "adapter_config.json";
const WEIGHTS_FILE = "adapter_model.safetensors";
const PREFIX = "base_model.model.";

/** Characters of a layer's name, by far more than any has. */
const LONGEST_NAME = 200;
/** In which a pattern may be tried on such a name: a moment, for all layers. */
const MOST_WAYS = 1e5;

const positive = z.number().positive();

const adapterFields = z.looseObject({
  peft_type: z.literal("LORA"),
  base_model_name_or_path: z.string().nullish(),
  r: positive.int(),
  lora_alpha: positive,
  use_rslora: z.boolean().nullish(),
  rank_pattern: z.record(z.string(), positive.int()).nullish(),
  alpha_pattern: z.record(z.string(), positive).nullish(),
  bias: z.literal("none").nullish(),
  init_lora_weights: z
    .union([z.boolean(), z.enum(["gaussian", "eva", "orthogonal"])])
    .nullish(),
});

type AdapterFields = z.infer<typeof adapterFields>;

/** Fields that say how an adapter was or will be trained, not what it computes. */
const HARMLESS_FIELDS = new Set(
  `auto_mapping eva_config exclude_modules inference_mode layers_pattern
  layers_to_transform loftq_config lora_dropout megatron_core peft_version
  qalora_group_size revision target_modules task_type`.split(/\s+/),
);

/**
 * Opens an adapter folder.
 * @throws BAD_CHECKPOINT: missing or malformed files, another method than LoRA, a
 *   variant that is switched on and not understood, tensors that do not pair up
 */
export async function openAdapter(folder: string): Promise<Adapter> {
  const configPath = join(folder, CONFIG_FILE);
  const fields = await readFields(configPath);
  const file = await openSafetensors(join(folder, WEIGHTS_FILE));
  const layers = readLayers(fields, file);
  const names = new Set(layers.map(({ layer }) => layer));
  const readHalf = async (layer: string, half: string) => {
    const name = `${PREFIX}${layer}.lora_${half}.weight`;
    const values = await readTensor(file, name);
    assertFinite(values, { file: file.path, tensor: name });
    return values;
  };
  return {
    folder,
    baseModel: fields.base_model_name_or_path ?? null,
    layers,
    async read(layer) {
      if (!names.has(layer)) throw bad(file.path, `has no layer "${layer}"`);
      return { a: await readHalf(layer, "A"), b: await readHalf(layer, "B") };
    },
    hash: async () =>
      hashOf([await hashFile(configPath), await hashFile(file.path)]),
  };
}

/**
 * Saves an adapter that PEFT loads, all or nothing.
 * @param targets last names of the adapted layers, for instance `q_proj`
 * @param layers every adapted layer with its sizes
 * @param read gives A [r, in] or B [out, r] of a layer when its turn comes
 * @throws STORAGE; BAD_CHECKPOINT when a matrix has the wrong size
 */
export async function saveAdapter(options: {
  readonly folder: string;
  readonly baseModel: string;
  readonly rank: number;
  readonly alpha: number;
  readonly targets: readonly string[];
  readonly layers: readonly {
    readonly layer: string;
    readonly inputs: number;
    readonly outputs: number;
  }[];
  readonly read: (
    layer: string,
    half: "A" | "B",
  ) => Promise<Float32Array> | Float32Array;
}): Promise<void> {
  const { rank } = options;
  const parts = new Map<string, { layer: string; half: "A" | "B" }>();
  const tensors = options.layers.flatMap(({ layer, inputs, outputs }) =>
    (["A", "B"] as const).map((half) => {
      const name = `${PREFIX}${layer}.lora_${half}.weight`;
      parts.set(name, { layer, half });
      return { name, shape: half === "A" ? [rank, inputs] : [outputs, rank] };
    }),
  );
  await replaceFolder(options.folder, async (partial) => {
    await writeSafetensors({
      path: join(partial, WEIGHTS_FILE),
      tensors,
      format: "f32",
      read: (name) => {
        const part = parts.get(name);
        return part ? options.read(part.layer, part.half) : new Float32Array();
      },
    });
    const config = {
      base_model_name_or_path: options.baseModel,
      bias: "none",
      fan_in_fan_out: false,
      inference_mode: true,
      init_lora_weights: true,
      lora_alpha: options.alpha,
      lora_dropout: 0,
      peft_type: "LORA",
      r: rank,
      target_modules: options.targets,
      task_type: "CAUSAL_LM",
      use_rslora: false,
    };
    await writeFileAtomic(
      join(partial, CONFIG_FILE),
      `${JSON.stringify(config, null, 2)}\n`,
    );
  });
}

/**
 * The base with the adapter merged into its weights as they are read.
 * @throws BAD_CHECKPOINT when the adapter was made for a model of another shape
 */
export function mergeAdapter(base: Checkpoint, adapter: Adapter): Checkpoint {
  const byWeight = new Map(
    adapter.layers.map((layer) => [`${layer.layer}.weight`, layer]),
  );
  const shapes = new Map(base.parameters.map((p) => [p.name, p.shape]));
  for (const [name, { inputs, outputs }] of byWeight) {
    const shape = shapes.get(name);
    if (!shape || shape[0] !== outputs || shape[1] !== inputs)
      throw new AutodidactError(
        "BAD_CHECKPOINT",
        `The adapter ${adapter.folder} changes "${name}" as a matrix [${outputs}, ${inputs}]; in ${base.folder} it is ${shape ? `[${shape.join(", ")}]` : "absent"}. Use the base model the adapter was trained on${adapter.baseModel ? ` (${adapter.baseModel})` : ""}.`,
        { path: adapter.folder, tensor: name },
      );
  }
  return {
    ...base,
    async readParameter(name) {
      const values = await base.readParameter(name);
      const layer = byWeight.get(name);
      if (layer) addProduct(values, layer, await adapter.read(layer.layer));
      return values;
    },
    weightHash: async () =>
      hashOf([await base.weightHash(), await adapter.hash()]),
  };
}

/** W += s·B·A, summed in double precision. */
function addProduct(
  weight: Float32Array,
  layer: AdaptedLayer,
  { a, b }: { readonly a: Float32Array; readonly b: Float32Array },
): void {
  const { rank, inputs, outputs, scale } = layer;
  const row = new Float64Array(inputs);
  for (let out = 0; out < outputs; out++) {
    row.fill(0);
    for (let k = 0; k < rank; k++) {
      const factor = scale * (b[out * rank + k] as number);
      for (let i = 0; i < inputs; i++)
        row[i] = (row[i] as number) + factor * (a[k * inputs + i] as number);
    }
    for (let i = 0; i < inputs; i++) {
      const at = out * inputs + i;
      weight[at] = (weight[at] as number) + (row[i] as number);
    }
  }
}

async function readFields(path: string): Promise<AdapterFields> {
  let raw: unknown;
  try {
    raw = JSON.parse(await readText(path));
  } catch (cause) {
    throw bad(path, `cannot be read: ${messageOf(cause)}`);
  }
  const parsed = adapterFields.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw bad(
      path,
      `has a value that cannot be used in "${issue?.path.join(".") ?? ""}": ${issue?.message ?? ""}`,
    );
  }
  const { rank_pattern: ranks, alpha_pattern: alphas } = parsed.data;
  for (const pattern of Object.keys({ ...ranks, ...alphas }))
    if (!isRegularExpression(pattern))
      throw bad(path, `has a pattern that cannot be read: "${pattern}"`);
    else if (waysOf(pattern, LONGEST_NAME) > MOST_WAYS)
      throw bad(
        path,
        `has a pattern that can be tried in too many ways: "${pattern}"`,
      );
  for (const [field, value] of Object.entries(parsed.data)) {
    if (field in adapterFields.shape || HARMLESS_FIELDS.has(field)) continue;
    const off =
      !value || (typeof value === "object" && Object.keys(value).length === 0);
    if (!off) throw bad(path, `switches on "${field}", which is not supported`);
  }
  return parsed.data;
}

function isRegularExpression(pattern: string): boolean {
  try {
    new RegExp(pattern);
    return true;
  } catch {
    return false;
  }
}

function readLayers(
  fields: AdapterFields,
  file: SafetensorsFile,
): AdaptedLayer[] {
  const layers: AdaptedLayer[] = [];
  for (const name of file.tensors.keys()) {
    const [, layer, half] =
      /^base_model\.model\.(.+)\.lora_([AB])\.weight$/.exec(name) ?? [];
    if (!layer || layer.length > LONGEST_NAME)
      throw bad(
        file.path,
        `holds "${name}", which is not a LoRA matrix of a linear layer`,
      );
    const shapeOf = (which: string): readonly number[] | undefined =>
      file.tensors.get(`${PREFIX}${layer}.lora_${which}.weight`)?.shape;
    const [a, b] = [shapeOf("A"), shapeOf("B")];
    if (a?.length !== 2 || b?.length !== 2 || a[0] !== b[1])
      throw bad(file.path, `has no matching A and B for layer "${layer}"`);
    if (half === "B") continue;
    const [rank = 0, inputs = 0] = a;
    const [outputs = 0] = b;
    const promised = byPattern(fields.rank_pattern, layer) ?? fields.r;
    if (rank !== promised)
      throw bad(
        file.path,
        `holds matrices of rank ${rank} for layer "${layer}", ${CONFIG_FILE} says ${promised}`,
      );
    const alpha = byPattern(fields.alpha_pattern, layer) ?? fields.lora_alpha;
    const scale = alpha / (fields.use_rslora ? Math.sqrt(rank) : rank);
    layers.push({ layer, rank, inputs, outputs, scale });
  }
  return layers;
}

/** A pattern is a regular expression for the end of a layer's name, as in PEFT. */
function byPattern(
  patterns: Readonly<Record<string, number>> | null | undefined,
  layer: string,
): number | undefined {
  return Object.entries(patterns ?? {}).find(([pattern]) =>
    new RegExp(`^(?:.*\\.)?(?:${pattern})$`).test(layer),
  )?.[1];
}

function bad(path: string, problem: string): AutodidactError {
  return new AutodidactError(
    "BAD_CHECKPOINT",
    `${path} ${problem}. Give a plain LoRA adapter in PEFT's format, or merge it with PEFT first.`,
    { path },
  );
}
