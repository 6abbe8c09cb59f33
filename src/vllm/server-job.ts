/**
 * @file One vLLM server as a job of a launcher: a service, which runs until it is
 * cancelled, with a folder of its own for its log.
 */
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { hashOf } from "../foundation/hash.js";
import { makeFolder, storageError } from "../foundation/storage.js";
import type { Job } from "../launchers/job.js";
import type { Launcher } from "../launchers/launcher.js";
import { serverArguments, serverEnvironment } from "./server-command.js";
import { gpusPerInstance, type ServerSettings } from "./server-settings.js";

export interface ServedCheckpoint {
  /** Checkpoint folder. */
  readonly folder: string;
  /** Most tokens of a prompt with its answer. */
  readonly contextLength: number;
  /** Last names of the layers that adapters may change. */
  readonly loraLayers: readonly string[];
}

/** What a server may take to end in order. */
const GRACE_SECONDS = 10;

/** Makes the folder of the job; the key lies in a file that only its owner reads. @throws STORAGE */
export async function makeServerJob(
  {
    launcher,
    settings,
    folder,
  }: {
    readonly launcher: Pick<Launcher, "kind">;
    readonly settings: ServerSettings;
    readonly folder: string;
  },
  place: {
    readonly checkpoint: ServedCheckpoint;
    readonly instance: number;
    readonly port: number;
    readonly servedName: string;
    readonly apiKey: string;
  },
): Promise<Job> {
  const { checkpoint, instance, port, servedName, apiKey } = place;
  const own = join(folder, servedName);
  await makeFolder(own);
  const secrets = join(own, "secrets.yaml");
  try {
    await writeFile(secrets, `api-key: ${apiKey}\n`, { mode: 0o600 });
  } catch (cause) {
    throw storageError(secrets, cause);
  }
  const isLocal = launcher.kind === "local";
  return {
    id: hashOf([servedName, checkpoint.folder]),
    name: servedName,
    argv: serverArguments(settings, {
      checkpoint: resolve(checkpoint.folder),
      servedName,
      port,
      host: isLocal ? "127.0.0.1" : "0.0.0.0",
      contextLength: checkpoint.contextLength,
      loraLayers: checkpoint.loraLayers,
      secrets,
    }),
    env: serverEnvironment(settings, isLocal ? instance : null),
    cwd: own,
    nodes: 1,
    gpusPerNode: gpusPerInstance(settings),
    folder: own,
    done: null,
    graceSeconds: GRACE_SECONDS,
  };
}
