/**
 * @file How a vLLM server is started: what a recipe, or a program, says of it.
 */

export interface ServerSettings {
  /** The interpreter that has vLLM. */
  readonly python: string;
  /** GPUs of all instances together; 0 runs on the CPU. */
  readonly gpus: number;
  /** Servers with the same weights side by side; each gets gpus / instances of them. */
  readonly instances: number;
  /** Of the first instance, the next ones count up; a free one each where null. */
  readonly port: number | null;
  /** Most tokens of a prompt with its answer; the checkpoint's own where null. */
  readonly maxModelLen: number | null;
  /** Numbers that are computed with: vLLM's name; the checkpoint's own on GPUs, float32 on the CPU where null. */
  readonly dtype: string | null;
  /** Highest rank of an adapter beside the weights, one of vLLM's; 0 where whole checkpoints are served. */
  readonly loraRank: number;
  /** Further arguments of the server, behind ours. */
  readonly args: readonly string[];
  /** Further variables of its environment. */
  readonly env: Readonly<Record<string, string>>;
}

const LORA_RANKS = [8, 16, 32, 64, 128, 256, 320] as const;
const MOST_RANK = 512;

/** The least of vLLM's bounds on ranks that is enough; its highest where none is. */
export function loraBound(rank: number): number {
  return LORA_RANKS.find((bound) => bound >= rank) ?? MOST_RANK;
}

/** GPUs over which one instance spreads the weights. */
export function gpusPerInstance({
  gpus,
  instances,
}: Pick<ServerSettings, "gpus" | "instances">): number {
  return Math.floor(gpus / instances);
}
