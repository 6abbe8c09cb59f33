/**
 * @file Is a launcher ready? A small job through it, whose file is looked for from here.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "../foundation/hash.js";
import type { Launcher } from "./launcher.js";
import type { RunJobOptions } from "./run-options.js";
import { runJob } from "./run-job.js";

export interface LauncherProbe {
  /** The machine the probe ran on. */
  readonly host: string;
  /** Lines of `nvidia-smi -L` there. */
  readonly gpus: readonly string[];
}

/** One attempt, which may take so long to start. */
const QUEUE_SECONDS = 300;

/** Tells the machine and its GPUs; what it says of them is kept to plain characters. */
const SCRIPT = String.raw`clean() { tr -cd 'A-Za-z0-9 .:()\n-' | sed 's/.*/"&"/' | paste -sd, -; }
gpus=$(nvidia-smi -L 2>/dev/null | clean)
printf '{"job":"%s","host":"%s","gpus":[%s]}\n' "$AUTODIDACT_JOB" "$(uname -n)" "$gpus" >done.partial
mv done.partial done.json`;

/**
 * @param parent a folder that the nodes and this machine share; the probe has its own in it
 * @param nonce makes this probe another job than the last
 * @throws JOB with what is missing
 */
export async function probeLauncher(
  launcher: Launcher,
  parent: string,
  nonce: string,
  options: Pick<RunJobOptions, "signal" | "onState">,
): Promise<LauncherProbe> {
  const id = sha256(`probe ${nonce}`);
  const folder = join(parent, `.autodidact-probe-${id.slice(0, 12)}`);
  const done = await runJob(
    launcher,
    {
      id,
      name: "autodidact-probe",
      argv: ["sh", "-c", SCRIPT],
      env: {},
      cwd: folder,
      nodes: 1,
      gpusPerNode: 0,
      folder,
      done: join(folder, "done.json"),
      graceSeconds: 2,
    },
    {
      ...options,
      bounds: { attempts: 1, queueSeconds: QUEUE_SECONDS },
    },
  );
  await rm(folder, { recursive: true, force: true });
  return {
    host: String(done["host"]),
    gpus: Array.isArray(done["gpus"]) ? done["gpus"].map(String) : [],
  };
}
