/**
 * @file A checkpoint, or an adapter merged into its base, written in another form:
 * safetensors in one precision and any number of shards, or GGUF for llama.cpp.
 *
 * One weight is in memory at a time.
 */
import { openModel } from "../../checkpoints/open-model.js";
import {
  saveCheckpoint,
  type Checkpoint,
} from "../../checkpoints/checkpoint.js";
import { exportGguf } from "../../gguf/gguf.js";
import { withOutputLock } from "../../ledger/writer-lock.js";
import { parameterCount } from "../../checkpoints/weights/parameter-table.js";
import { defined } from "../../foundation/defined.js";
import { AutodidactError } from "../../foundation/error.js";
import { requireNewFolder, requireWritableFile } from "../run/output-path.js";

export const MODEL_FORMATS = ["safetensors", "gguf"] as const;

/** What each format can hold. */
const PRECISIONS = {
  safetensors: ["f32", "f16", "bf16"],
  gguf: ["f32", "f16", "q8_0"],
} as const;

export const MODEL_PRECISIONS = ["f32", "f16", "bf16", "q8_0"] as const;

export type ModelFormat = (typeof MODEL_FORMATS)[number];
export type ModelPrecision = (typeof MODEL_PRECISIONS)[number];

/** From here on a number rounds to infinity in half precision. */
const HALF_LIMIT = 65_520;

export interface ModelExport {
  /** Checkpoint folder, adapter folder or Hub id. */
  readonly model: string;
  readonly format: ModelFormat;
  readonly precision: ModelPrecision;
  /** A new folder for safetensors, a file for GGUF. */
  readonly out: string;
  /** Of safetensors; 5 GB when absent. */
  readonly maxShardBytes?: number;
  readonly signal: AbortSignal;
}

/**
 * Writes a model in another form, all or nothing.
 * @returns the number of its weights
 * @throws USAGE: a precision that the format does not have; STORAGE: `out` is taken or
 *   cannot be written; BAD_CHECKPOINT: the model cannot be opened, or holds what the
 *   form cannot; ENDPOINT (the Hub)
 */
export async function exportModel(options: ModelExport): Promise<number> {
  const { model, format, out, signal } = options;
  const gguf = isIn(PRECISIONS.gguf, options.precision);
  const safetensors = isIn(PRECISIONS.safetensors, options.precision);
  if (format === "gguf" ? gguf === null : safetensors === null) {
    throw new AutodidactError(
      "USAGE",
      `The format ${format} has no precision ${options.precision}. Give --precision ${PRECISIONS[format].join(", ")}.`,
      { format, precision: options.precision },
    );
  }
  if (format === "gguf") await requireWritableFile(out, [model]);
  else await requireNewFolder(out);
  const opened = await openModel(model, { signal });
  const checkpoint = guarded(opened, options.precision, signal);
  await withOutputLock(out, async () => {
    if (format === "gguf" && gguf !== null) {
      await exportGguf({ checkpoint, path: out, type: gguf });
    } else if (safetensors !== null) {
      await saveCheckpoint({
        folder: out,
        config: checkpoint.config,
        tokenizerFrom: checkpoint.folder,
        readParameter: checkpoint.readParameter,
        format: safetensors,
        ...defined({ maxShardBytes: options.maxShardBytes }),
      });
    }
  });
  return parameterCount(checkpoint.config);
}

/** Stops when told to, and refuses numbers that half precision would turn into infinity. */
function guarded(
  checkpoint: Checkpoint,
  precision: ModelPrecision,
  signal: AbortSignal,
): Checkpoint {
  const half = precision === "f16" || precision === "q8_0";
  return {
    ...checkpoint,
    readParameter: async (name) => {
      if (signal.aborted)
        throw new AutodidactError(
          "INTERRUPTED",
          "The export was stopped; nothing was written. Run the same command again.",
        );
      const values = await checkpoint.readParameter(name);
      const large = half
        ? values.find((value) => Math.abs(value) >= HALF_LIMIT)
        : undefined;
      if (large === undefined) return values;
      throw new AutodidactError(
        "BAD_CHECKPOINT",
        `${checkpoint.folder}: tensor "${name}" holds ${large}, which ${precision} cannot hold. Use --precision f32${precision === "f16" ? " or bf16" : ""}.`,
        { path: checkpoint.folder, tensor: name },
      );
    },
  };
}

function isIn<T extends string>(
  choices: readonly T[],
  value: string,
): T | null {
  return choices.find((choice) => choice === value) ?? null;
}
