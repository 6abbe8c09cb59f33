/**
 * @file Hosts checkpoints in vLLM: a server, or several alike, for one checkpoint at a
 * time. A start takes minutes, so it is kept until another checkpoint is asked for, or
 * until `release`: a trainer needs the GPUs, and a run ends.
 */
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { openModel } from "../checkpoints/open-model.js";
import type { Checkpoint } from "../checkpoints/checkpoint.js";
import { AutodidactError } from "../foundation/error.js";
import type {
  CallProgress,
  LanguageModel,
  ModelHost,
} from "../generation/language-model.js";
import { Instances } from "./instances.js";
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
  readonly instances: Instances;
  readonly model: LanguageModel;
}

export function vllmModelHost(parts: VllmHostParts): VllmModelHost {
  let served: Served | null = null;
  let swept: Promise<number> | undefined;
  const open = openedOnce(parts);
  const release = async (): Promise<void> => {
    await (swept ??= endLeftServers(parts.launcher, parts.folder));
    const { instances } = served ?? {};
    served = null;
    await instances?.stop();
  };
  return {
    release,
    withModel: async (folder, use) => {
      const { checkpoint, identity } = await open(folder);
      if (served?.model.identity !== identity) {
        await release();
        served = await serve(parts, checkpoint, identity);
      }
      return use(served.model);
    },
  };
}

interface Opened {
  readonly checkpoint: Checkpoint;
  /** Everything that decides answers: the weights, and the numbers they are computed with. */
  readonly identity: string;
}

/** Opens checkpoints; one that is still the same folder is not read again for its hash. */
function openedOnce({
  signal,
  settings: { dtype, args },
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
    const identity = `${await checkpoint.weightHash()}:vllm:${how}`;
    const opened = { checkpoint, identity };
    known.set(key, opened);
    return opened;
  };
}

/** Of what is no folder: opening it tells. */
const NO_FOLDER = { ino: 0, mtimeMs: 0 };

async function serve(
  parts: VllmHostParts,
  checkpoint: Checkpoint,
  identity: string,
): Promise<Served> {
  const { settings, onProgress } = parts;
  const { folder, config } = checkpoint;
  const contextLength = Math.min(
    settings.maxModelLen ?? config.maxPositions,
    config.maxPositions,
  );
  const named = {
    ...parts,
    onProgress: (doing: string) => {
      onProgress(
        `vLLM starts with ${basename(folder)}${doing === "" ? "" : `: ${doing}`}`,
      );
    },
  };
  const instances = await Instances.start(named, { folder, contextLength });
  const model = vllmLanguageModel({
    checkpoint,
    identity,
    contextLength,
    answering: {
      lanes: LANES * instances.count,
      ask: (body, signal) => instances.ask(body, signal),
    },
    onTokens: parts.onTokens,
  });
  return { instances, model };
}
