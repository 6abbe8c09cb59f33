/**
 * @file A job: one command on one or several nodes, and one attempt at it.
 *
 * The id of a job is the hash of everything its result depends on. A job is tried in
 * numbered attempts; only the newest may run, and it starts when no older one is alive.
 */
import { resolve } from "node:path";

/**
 * Words that may stand anywhere in `Job.argv` and `Job.env` and are filled on the node,
 * when all nodes of the attempt have been found.
 */
export const NODE_WORDS = {
  /** Which of the nodes this is, from 0. */
  rank: "@NODE_RANK@",
  /** How many nodes there are. */
  count: "@NODE_COUNT@",
  /** A name or address of node 0 that the other nodes reach; 127.0.0.1 on a single node. */
  masterAddress: "@MASTER_ADDRESS@",
  /** A port for the nodes to meet at; another one for every attempt. */
  masterPort: "@MASTER_PORT@",
} as const;

/**
 * A program as `Job.argv` names it. A job has a folder of its own: a path is from where
 * this program was started, a name without a slash is looked for in the nodes' PATH.
 */
export function programOnNodes(program: string): string {
  return program.includes("/") ? resolve(program) : program;
}

/** What a job finds in its environment. */
export const JOB_VARIABLES = {
  /** `Job.id`, which the done file has to name. */
  id: "AUTODIDACT_JOB",
  /** The attempt's number, from 1. */
  attempt: "AUTODIDACT_ATTEMPT",
} as const;

export interface Job {
  /** Hash of the step, in hex: a second submission of it finds the first. */
  readonly id: string;
  /** For people, in the scheduler's lists: letters, digits, `-` and `.`. */
  readonly name: string;
  /** Run once on every node. */
  readonly argv: readonly [string, ...string[]];
  /** Added to the environment. Written to `folder`, so no secrets. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute; on every node. */
  readonly cwd: string;
  readonly nodes: number;
  /** Asked of a scheduler; on this machine nobody hands out GPUs. */
  readonly gpusPerNode: number;
  /** Asked of a scheduler; its own default when absent. */
  readonly cpusPerNode?: number;
  /** Absolute, the job's alone, the same on all nodes and here: logs, marks, leases. */
  readonly folder: string;
  /**
   * The file that the job writes, atomically and last, when it has succeeded: JSON with
   * `job`, its id. Null for a service, which runs until it is cancelled.
   */
  readonly done: string | null;
  /** After so long an attempt is ended, with SIGTERM `graceSeconds` before. */
  readonly timeLimitSeconds?: number;
  /** Between SIGTERM and SIGKILL, where it is ours to say: time to save. */
  readonly graceSeconds: number;
}

/** One attempt at a job, numbered from 1; what launchers start and end. */
export interface Attempt {
  readonly job: Job;
  readonly number: number;
}
