/**
 * @file What an external trainer is told once, and how its processes are started: torchrun
 * on every node, with the package of `python/` beside this program.
 */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AutodidactError } from "../foundation/error.js";
import type { FiniteJob } from "../launchers/done-file.js";
import { NODE_WORDS, programOnNodes } from "../launchers/job.js";
import type { Launcher } from "../launchers/launcher.js";

export interface TrlOptions {
  readonly launcher: Launcher;
  /** A Python interpreter, the same path on every node. */
  readonly python: string;
  readonly nodes: number;
  readonly processesPerNode: number;
  /** One process, data parallel, or weights and moments in shards. */
  readonly strategy: "single" | "ddp" | "fsdp2";
  /** bf16 computes in it over weights and moments in float32. */
  readonly precision: "float32" | "bf16";
  /** `auto` takes the GPUs that are there. */
  readonly device: "auto" | "cpu" | "cuda";
}

/** The Python package, in the repository as in the installed program. */
export const PYTHON_FOLDER = fileURLToPath(
  new URL("../../python", import.meta.url),
);

/** Time in which a job that is asked to stop may save. */
const GRACE_SECONDS = 120;

/** @throws USAGE for processes that the strategy cannot use, and for what accelerate ignores */
export function requireStrategy({
  nodes,
  processesPerNode,
  strategy,
  device,
}: Omit<TrlOptions, "launcher" | "python" | "precision">): void {
  const processes = nodes * processesPerNode;
  const problem =
    strategy === "single" && processes > 1
      ? `strategy: single trains with one process, and ${processes} are asked for. Set strategy: ddp, or fsdp2 where there are GPUs`
      : strategy === "fsdp2" && device === "cpu"
        ? "strategy: fsdp2 needs GPUs: on a CPU accelerate ignores it without a word. Set strategy: ddp"
        : null;
  if (problem !== null)
    throw new AutodidactError("USAGE", `engine.train: ${problem}.`, {
      strategy,
      processes,
    });
}

/** The job of a launcher that trains what lies in `folder`. */
export function launchedJob(
  { hash, folder, name }: TrainedFolder,
  options: TrlOptions,
): FiniteJob {
  return {
    id: hash,
    name,
    argv: torchrun(folder, options),
    env: torchrunEnvironment({ ...options, launcher: options.launcher.kind }),
    cwd: folder,
    nodes: options.nodes,
    gpusPerNode: options.device === "cuda" ? options.processesPerNode : 0,
    folder: join(folder, "launch"),
    done: join(folder, "done.json"),
    graceSeconds: GRACE_SECONDS,
  };
}

export interface TrainedFolder {
  readonly hash: string;
  readonly folder: string;
  /** For people, in a scheduler's list. */
  readonly name: string;
}

/** The command of one node. */
export function torchrun(
  folder: string,
  {
    python,
    nodes,
    processesPerNode,
  }: Pick<TrlOptions, "python" | "nodes" | "processesPerNode">,
): [string, ...string[]] {
  const { rank, masterAddress, masterPort } = NODE_WORDS;
  return [
    programOnNodes(python),
    ...["-m", "torch.distributed.run"],
    ...["--nnodes", String(nodes), "--node-rank", rank],
    ...["--nproc-per-node", String(processesPerNode)],
    ...["--master-addr", masterAddress, "--master-port", masterPort],
    ...(nodes === 1 ? ["--local-addr", "127.0.0.1"] : []),
    ...["-m", "autodidact_trainer", folder],
  ];
}

/** What its processes find in their environment. */
export function torchrunEnvironment({
  launcher,
  nodes,
  processesPerNode,
}: Pick<TrlOptions, "nodes" | "processesPerNode"> & {
  readonly launcher: Launcher["kind"];
}): Record<string, string> {
  const here = launcher === "local";
  const threads = Math.floor(availableParallelism() / processesPerNode);
  return {
    PYTHONPATH: PYTHON_FOLDER,
    PYTHONUNBUFFERED: "1",
    TOKENIZERS_PARALLELISM: "false",
    // Nothing is fetched and nobody is told: the base is a folder.
    HF_HUB_OFFLINE: "1",
    HF_HUB_DISABLE_TELEMETRY: "1",
    ...(here ? { OMP_NUM_THREADS: String(Math.max(1, threads)) } : {}),
    ...(nodes === 1 && process.platform === "linux"
      ? { GLOO_SOCKET_IFNAME: "lo" }
      : {}),
  };
}
