/**
 * @file Whatever a user calls a model, opened: a checkpoint folder, a Hub id, or a
 * PEFT adapter folder, whose base is then found and the adapter merged into it.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { AutodidactError } from "../foundation/error.js";
import { mergeAdapter, openAdapter } from "./adapter.js";
import {
  openCheckpoint,
  type Checkpoint,
  type CheckpointOptions,
} from "./checkpoint.js";
import {
  resolveModel,
  type ResolvedModel,
  type ResolveOptions,
} from "./hub/hub.js";

/**
 * Opens a model by folder or Hub id.
 * @throws what `resolveModel`, `openCheckpoint`, `openAdapter` and `mergeAdapter` throw;
 *   BAD_CHECKPOINT for an adapter that does not name its base
 */
export async function openModel(
  idOrFolder: string,
  options: ResolveOptions & CheckpointOptions = {},
): Promise<Checkpoint> {
  const { folder } = await resolveModel(idOrFolder, options);
  const isAdapter =
    existsSync(join(folder, "adapter_config.json")) &&
    !existsSync(join(folder, "config.json"));
  if (!isAdapter) return openCheckpoint(folder, options);
  const adapter = await openAdapter(folder);
  if (!adapter.baseModel)
    throw new AutodidactError(
      "BAD_CHECKPOINT",
      `${folder} is an adapter that does not name its base model. Set base_model_name_or_path in adapter_config.json.`,
      { path: folder },
    );
  // The revision asked for is the adapter's, not the base's.
  const { revision: _, ...rest } = options;
  const base = await resolveBase(folder, adapter.baseModel, rest);
  return mergeAdapter(await openCheckpoint(base.folder, options), adapter);
}

/**
 * Opens a model and reads every weight once, so that what is wrong with it is told
 * before anything is written for it.
 * @throws what `openModel` throws; BAD_CHECKPOINT for NaN or infinity
 */
export async function openWholeModel(
  idOrFolder: string,
  options: ResolveOptions = {},
): Promise<Checkpoint> {
  const checkpoint = await openModel(idOrFolder, options);
  for (const { name } of checkpoint.parameters)
    await checkpoint.readParameter(name);
  return checkpoint;
}

async function resolveBase(
  folder: string,
  name: string,
  options: ResolveOptions,
): Promise<ResolvedModel> {
  try {
    return await resolveModel(name, options);
  } catch (cause) {
    if (!(cause instanceof AutodidactError) || cause.code !== "BAD_CHECKPOINT")
      throw cause;
    throw new AutodidactError(
      "BAD_CHECKPOINT",
      `The base of the adapter ${folder} cannot be opened: ${cause.message} Its base_model_name_or_path in adapter_config.json says which one it is.`,
      { ...cause.details, adapter: folder },
      { cause },
    );
  }
}
