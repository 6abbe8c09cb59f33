/**
 * @file From what a user calls a model to a folder on this machine.
 *
 * A folder that exists wins; otherwise `owner/name` or `owner/name@revision` is
 * fetched from the Hugging Face Hub through its official library into the cache
 * all Hugging Face libraries share. `HF_HOME`, `HF_HUB_CACHE`, `HF_TOKEN`,
 * `HF_TOKEN_PATH`, `HF_ENDPOINT` and `HF_HUB_OFFLINE` are honoured. A commit id as
 * revision pins the model for ever; a branch or tag is looked up each time.
 */
import { existsSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import {
  downloadFile,
  getHFHubCachePath,
  HubApiError,
  listFiles,
  modelInfo,
  type ListFileEntry,
} from "@huggingface/hub";
import { AutodidactError } from "../../foundation/error.js";
import { cachedRepository, type CachedRepository } from "./hub-cache.js";
import { openWeightFiles } from "../weights/weight-files.js";

export interface ResolvedModel {
  /** A checkpoint folder. */
  readonly folder: string;
  /** The Hub commit it is, null for a folder of the user's. */
  readonly commit: string | null;
}

export interface ResolveOptions {
  /** Branch, tag or commit; default `main`. A revision after `@` in the id wins. */
  readonly revision?: string;
  /** Never use the network; default is what `HF_HUB_OFFLINE` says. */
  readonly offline?: boolean;
  readonly signal?: AbortSignal;
  /** Bytes present and bytes needed, after each file. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** The parts of a repository that a checkpoint is made of. */
const WANTED =
  /^(config|generation_config|tokenizer|tokenizer_config|special_tokens_map|adapter_config)\.json$|^chat_template\.jinja$|^(adapter_)?model(-\d{5}-of-\d{5})?\.safetensors(\.index\.json)?$/;

const HUB_ID = /^([\w-][\w.-]*\/[\w-][\w.-]*)(?:@(.+))?$/;

/** The repository that a model's name means, without a revision; undefined for a folder. */
export function repositoryOf(idOrFolder: string): string | undefined {
  return existsSync(idOrFolder) ? undefined : HUB_ID.exec(idOrFolder)?.[1];
}

/**
 * Finds or fetches a model.
 * @throws BAD_CHECKPOINT: neither a folder nor a Hub id, no such model or revision,
 *   no permission, not in the cache while offline; ENDPOINT: the Hub failed or the
 *   network did and nothing is cached; USAGE: `HF_TOKEN` is no token; STORAGE
 */
export async function resolveModel(
  idOrFolder: string,
  options: ResolveOptions = {},
): Promise<ResolvedModel> {
  if (existsSync(idOrFolder) && statSync(idOrFolder).isDirectory())
    return { folder: idOrFolder, commit: null };
  const [, name, suffix] = HUB_ID.exec(idOrFolder) ?? [];
  if (existsSync(idOrFolder))
    throw new AutodidactError(
      "BAD_CHECKPOINT",
      `${idOrFolder} is a file, not a model. Give the path of a checkpoint folder, or owner/name, or owner/name@revision.`,
      { path: idOrFolder },
    );
  if (!name)
    throw new AutodidactError(
      "BAD_CHECKPOINT",
      `${idOrFolder} is neither a folder nor a Hub id. Give the path of a checkpoint folder, or owner/name, or owner/name@revision.`,
      { path: idOrFolder },
    );
  const revision = suffix ?? options.revision ?? "main";
  const cache = cachedRepository(name);
  const request: HubRequest = { name, revision, cache, options };
  if (options.offline ?? offlineByEnvironment())
    return fromCache(request, null);
  const access = await hubAccess(options);
  let commit: string;
  try {
    const fields = { name, revision, additionalFields: ["sha" as const] };
    ({ sha: commit } = await modelInfo({ ...access, ...fields }));
  } catch (cause) {
    if (cause instanceof HubApiError || options.signal?.aborted)
      throw hubFailure(request, cause);
    return fromCache(request, cause);
  }
  try {
    await fetchCommit(request, access, commit);
  } catch (cause) {
    throw hubFailure(request, cause);
  }
  return { folder: cache.snapshot(commit), commit };
}

interface HubRequest {
  readonly name: string;
  readonly revision: string;
  readonly cache: CachedRepository;
  readonly options: ResolveOptions;
}

type HubAccess = Awaited<ReturnType<typeof hubAccess>>;

/** What every call of the library gets: address, permission, a way to stop. */
async function hubAccess({ signal }: ResolveOptions) {
  const accessToken = await findToken();
  return {
    hubUrl: hubUrl(),
    ...(accessToken ? { accessToken } : {}),
    fetch: (url: string | URL | Request, init?: RequestInit) =>
      fetch(url, signal ? { ...init, signal } : init),
  };
}

async function fetchCommit(
  request: HubRequest,
  access: HubAccess,
  commit: string,
): Promise<void> {
  const { name, revision, cache, options } = request;
  const files = await listWanted(request, access, commit);
  const total = files.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  for (const { path, size, oid, lfs } of files) {
    await cache.addFile({
      commit,
      path,
      bytes: lfs?.size ?? size,
      contentId: lfs?.oid ?? oid ?? `${commit}-${path}`,
      large: lfs !== undefined,
      open: async (begin) => {
        const blob = await downloadFile({
          ...access,
          repo: name,
          path,
          revision: commit,
          // Plain ranges can be continued; the xet protocol re-reads from the start.
          xet: false,
        });
        if (!blob) throw missingFile(name, path);
        return blob.slice(begin, blob.size).stream();
      },
    });
    done += size;
    options.onProgress?.(done, total);
  }
  await cache.rememberCommit(revision, commit);
}

/** Weights last: a snapshot that has them all has everything. */
async function listWanted(
  { name, revision }: HubRequest,
  access: HubAccess,
  commit: string,
): Promise<ListFileEntry[]> {
  const small: ListFileEntry[] = [];
  const weights: ListFileEntry[] = [];
  const listing = listFiles({ ...access, repo: name, revision: commit });
  for await (const entry of listing)
    if (entry.type === "file" && WANTED.test(entry.path))
      (entry.path.endsWith(".safetensors") ? weights : small).push(entry);
  if (weights.length > 0) return [...small, ...weights];
  throw new AutodidactError(
    "BAD_CHECKPOINT",
    `${name} has no weights in safetensors form at revision ${revision}. Choose a model that has, or convert it with transformers.`,
    { model: name, revision },
  );
}

/** @param networkFailure why the Hub could not be asked; null when it was not to be */
async function fromCache(
  { name, revision, cache }: HubRequest,
  networkFailure: unknown,
): Promise<ResolvedModel> {
  const commit = await cache.knownCommit(revision);
  if (commit && (await isComplete(cache.snapshot(commit))))
    return { folder: cache.snapshot(commit), commit };
  if (networkFailure === null)
    throw new AutodidactError(
      "BAD_CHECKPOINT",
      `${name} at revision ${revision} is not in the cache ${getHFHubCachePath()}, and offline mode is on. Run once without HF_HUB_OFFLINE, or give a local folder.`,
      { model: name, revision },
    );
  throw new AutodidactError(
    "ENDPOINT",
    `${name} cannot be fetched from ${hubUrl()} (${describe(networkFailure)}) and is not in the cache ${getHFHubCachePath()}. Check the network and HF_ENDPOINT, or give a local folder.`,
    { model: name, revision },
    { cause: networkFailure },
  );
}

/** Whether all weights of a snapshot are there; they are fetched last. */
async function isComplete(folder: string): Promise<boolean> {
  if (existsSync(join(folder, "adapter_model.safetensors"))) return true;
  try {
    await openWeightFiles(folder);
    return true;
  } catch {
    return false;
  }
}

/** The error a user should see when the Hub answered badly or stopped answering. */
function hubFailure(
  { name, revision, options }: HubRequest,
  cause: unknown,
): AutodidactError {
  if (cause instanceof AutodidactError) return cause;
  if (options.signal?.aborted)
    return new AutodidactError(
      "INTERRUPTED",
      `The download of ${name} was stopped. Run the same command again to continue it.`,
      { model: name },
    );
  const status = cause instanceof HubApiError ? cause.statusCode : 0;
  const details = { model: name, revision, status };
  if (status === 401 || status === 403)
    return new AutodidactError(
      "BAD_CHECKPOINT",
      `The Hub refuses access to ${name} (status ${status}): it does not exist, is private, or asks for its terms to be accepted. Check the name, accept the terms on its page, and set HF_TOKEN.`,
      details,
      { cause },
    );
  if (status === 404)
    return new AutodidactError(
      "BAD_CHECKPOINT",
      `The Hub has no model ${name} with revision ${revision}, and no local folder has that name. Check the spelling.`,
      details,
      { cause },
    );
  return new AutodidactError(
    "ENDPOINT",
    `The download of ${name} from ${hubUrl()} failed (${describe(cause)}). Run the same command again; what has arrived is kept.`,
    details,
    { cause },
  );
}

function missingFile(name: string, path: string): AutodidactError {
  return new AutodidactError(
    "ENDPOINT",
    `The Hub lists ${path} of ${name} but does not have it. Run the same command again later.`,
    { model: name, path },
  );
}

function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.cause instanceof Error ? cause.cause.message : cause.message;
}

function hubUrl(): string {
  return (process.env["HF_ENDPOINT"] || "https://huggingface.co").replace(
    /\/+$/,
    "",
  );
}

function offlineByEnvironment(): boolean {
  return /^(1|on|yes|true)$/i.test(process.env["HF_HUB_OFFLINE"] ?? "");
}

/** `HF_TOKEN`, else the file that `hf auth login` writes. */
async function findToken(): Promise<string | undefined> {
  const given = process.env["HF_TOKEN"]?.trim();
  // The library throws what reads like a failure of the network.
  if (given && !given.startsWith("hf_"))
    throw new AutodidactError(
      "USAGE",
      "HF_TOKEN is no token of the Hugging Face Hub: one begins with hf_. Set it to one from your Hub settings, or unset it.",
      { variable: "HF_TOKEN" },
    );
  if (given) return given;
  const home =
    process.env["HF_HOME"] ??
    join(
      process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"),
      "huggingface",
    );
  const path = process.env["HF_TOKEN_PATH"] ?? join(home, "token");
  if (!existsSync(path)) return undefined;
  return (await readFile(path, "utf8")).trim() || undefined;
}
