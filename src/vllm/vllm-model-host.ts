/**
 * @file Hosts checkpoints in vLLM: a server, or several alike, for one checkpoint at a
 * time. A start takes minutes, so it is kept until another checkpoint is asked for, or
 * until `release`: a trainer needs the GPUs, and a run ends. With adapters it is kept for
 * every checkpoint that lies above its own; one adapter is loaded at a time.
 */
import { existsSync } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { openModel } from "../checkpoints/open-model.js";
import type { Checkpoint } from "../checkpoints/checkpoint.js";
import { AutodidactError } from "../foundation/error.js";
import { sha256 } from "../foundation/hash.js";
import type {
  CallProgress,
  LanguageModel,
  ModelHost,
} from "../generation/language-model.js";
import {
  adaptable,
  chainOf,
  writeChain,
  type AdapterChain,
} from "./adapter-chain.js";
import { Instances } from "./instances.js";
import type { ServedAdapter } from "./running-server.js";
import { endLeftServers } from "./server-record.js";
import type { ServerParts } from "./start-server.js";
import { vllmLanguageModel } from "./vllm-language-model.js";

export interface VllmHostParts extends ServerParts {
  /** Told how far each call of a model has come. */
  readonly onTokens?: (progress: CallProgress) => void;
}

export interface VllmModelHost extends ModelHost {
  /** Ends what runs, and what an earlier process of the run left behind. */
  release(): Promise<void>;
}

/**
 * Requests in flight to each instance: as many as vLLM computes at once on the largest
 * GPUs; elsewhere some wait there for one that ends, so that none of its places is empty.
 */
const LANES = 1024;

interface Served {
  /** Identity of the weights that the servers have loaded. */
  readonly root: string;
  readonly instances: Instances;
  model: LanguageModel;
}

export function vllmModelHost(parts: VllmHostParts): VllmModelHost {
  let served: Served | null = null;
  let swept: Promise<number> | undefined;
  const open = openedOnce(parts);
  const adapters = join(parts.folder, "adapters");
  const release = async (): Promise<void> => {
    await (swept ??= endLeftServers(parts.launcher, parts.folder));
    const { instances } = served ?? {};
    served = null;
    await instances?.stop();
    await rm(adapters, { recursive: true, force: true });
  };
  return {
    release,
    withModel: async (folder, use) => {
      const opened = await open(folder);
      const root = await open(opened.chain.root);
      if (served?.root !== root.identity) {
        await release();
        const instances = await startServers(parts, root.checkpoint);
        const model = modelOf(parts, root, instances);
        served = { root: root.identity, instances, model };
      }
      if (served.model.identity !== opened.identity) {
        const { instances } = served;
        await instances.adapt(null);
        await rm(adapters, { recursive: true, force: true });
        if (opened !== root)
          await instances.adapt(await adapterIn(adapters, opened));
        served.model = modelOf(parts, opened, instances);
      }
      return use(served.model);
    },
  };
}

interface Opened {
  readonly checkpoint: Checkpoint;
  /** Everything that decides answers: the weights, and the numbers they are computed with. */
  readonly identity: string;
  /** What is loaded for it. */
  readonly chain: AdapterChain;
}

/** Opens checkpoints; one that is still the same folder is not read again for its hash. */
function openedOnce({
  signal,
  settings: { dtype, args, loraRank },
}: VllmHostParts): (folder: string) => Promise<Opened> {
  const known = new Map<string, Opened>();
  const how = [dtype ?? "auto", ...args].join(" ");
  return async (folder) => {
    if (existsSync(join(folder, "adapter_config.json")))
      throw new AutodidactError(
        "BAD_CHECKPOINT",
        `${folder} is an adapter, and vLLM is given whole checkpoints. Merge it with its base first: autodidact export.`,
        { path: folder },
      );
    const { ino, mtimeMs } = await stat(folder).catch(() => NO_FOLDER);
    const key = `${folder} ${ino} ${mtimeMs}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const checkpoint = await openModel(folder, { signal });
    const chain = await chainOf(folder, loraRank);
    const over = chain.adapters.length > 0 ? ":adapter" : "";
    const identity = `${await checkpoint.weightHash()}:vllm:${how}${over}`;
    const opened = { checkpoint, identity, chain };
    known.set(key, opened);
    return opened;
  };
}

/** Of what is no folder: opening it tells. */
const NO_FOLDER = { ino: 0, mtimeMs: 0 };

/** Writes the one adapter that makes a checkpoint of its root. */
async function adapterIn(
  folder: string,
  { chain, identity }: Opened,
): Promise<ServedAdapter> {
  const name = `adapter-${sha256(identity).slice(0, 12)}`;
  const path = resolve(folder, name);
  await writeChain(chain, path);
  return { name, folder: path };
}

function contextLengthOf(
  { settings: { maxModelLen } }: VllmHostParts,
  { config: { maxPositions } }: Checkpoint,
): number {
  return Math.min(maxModelLen ?? maxPositions, maxPositions);
}

function startServers(
  parts: VllmHostParts,
  checkpoint: Checkpoint,
): Promise<Instances> {
  const { folder, parameters } = checkpoint;
  const named = {
    ...parts,
    onProgress: (doing: string) => {
      parts.onProgress(
        `vLLM starts with ${basename(folder)}${doing === "" ? "" : `: ${doing}`}`,
      );
    },
  };
  const contextLength = contextLengthOf(parts, checkpoint);
  const loraLayers = adaptable(parameters);
  return Instances.start(named, { folder, contextLength, loraLayers });
}

function modelOf(
  parts: VllmHostParts,
  { checkpoint, identity }: Opened,
  instances: Instances,
): LanguageModel {
  return vllmLanguageModel({
    checkpoint,
    identity,
    contextLength: contextLengthOf(parts, checkpoint),
    answering: {
      lanes: LANES * instances.count,
      ask: (body, signal) => instances.ask(body, signal),
    },
    onTokens: parts.onTokens,
  });
}
