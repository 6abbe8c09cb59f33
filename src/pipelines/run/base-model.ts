/**
 * @file M0 as a run finds it: a checkpoint folder, an adapter folder or a Hub id,
 * opened and read whole before anything is written.
 *
 * A run keeps the base it began with: the commit of a Hub id is recorded with M0 and
 * asked for again when the run goes on, and weights that changed meanwhile are refused.
 */
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import type { Checkpoint } from "../../checkpoints/checkpoint.js";
import { resolveModel } from "../../checkpoints/hub/hub.js";
import { openWholeModel } from "../../checkpoints/open-model.js";
import { parameterCount } from "../../checkpoints/weights/parameter-table.js";
import { AutodidactError } from "../../foundation/error.js";
import { LEDGER_FILE } from "../../ledger/ledger-file.js";
import { openLedger } from "../../ledger/ledger.js";

export interface BaseModel {
  /** Where it lies on this machine. */
  readonly folder: string;
  /** As the run records it: the folder from the run folder, or owner/name@commit. */
  readonly name: string;
  readonly weightHash: string;
  /** Weights of the model, and of every model trained from it. */
  readonly parameters: number;
  /** For its tokenizer and its limits. */
  readonly checkpoint: Checkpoint;
}

/**
 * Opens the base of a run.
 * @param folder the run folder, which need not exist yet
 * @param recipe the model's folder or Hub id, and which revision of it
 * @throws BAD_CHECKPOINT, ENDPOINT, STORAGE as `openModel` does; LEDGER when the base is
 *   another than before
 */
export async function openBase(
  folder: string,
  recipe: { readonly base: string; readonly revision?: string | null },
  signal: AbortSignal,
): Promise<BaseModel> {
  const recorded = recordedBase(folder);
  const revision = commitOf(recorded?.name ?? "") ?? recipe.revision ?? null;
  const options = { signal, ...(revision === null ? {} : { revision }) };
  const found = await resolveModel(recipe.base, options);
  const checkpoint = await openWholeModel(found.folder, { signal });
  const weightHash = await checkpoint.weightHash();
  if (recorded !== null && recorded.weightHash !== weightHash) {
    throw new AutodidactError(
      "LEDGER",
      `The base model ${recipe.base} is not the one that the run in ${folder} began with: its weights, tokenizer or configuration changed. Put the old one back, or start anew in another folder with --run-dir.`,
      { path: folder, expected: recorded.weightHash, found: weightHash },
    );
  }
  return {
    folder: found.folder,
    name:
      recorded?.name ??
      (found.commit === null
        ? relative(folder, found.folder)
        : `${recipe.base.replace(/@.*$/, "")}@${found.commit}`),
    weightHash,
    parameters: parameterCount(checkpoint.config),
    checkpoint,
  };
}

/** M0 as the ledger of an earlier process has it. */
function recordedBase(
  folder: string,
): { readonly name: string; readonly weightHash: string } | null {
  const path = join(folder, LEDGER_FILE);
  if (!existsSync(path)) return null;
  const ledger = openLedger({ path, mode: "read" });
  try {
    const row = [...ledger.read("models")].find(({ name }) => name === "M0");
    return row === undefined
      ? null
      : { name: row.path, weightHash: row.weightHash };
  } finally {
    ledger.close();
  }
}

function commitOf(name: string): string | null {
  return /@([0-9a-f]{40})$/.exec(name)?.[1] ?? null;
}
