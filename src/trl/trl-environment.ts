/**
 * @file Whether a Python can train: what the package of `python/` says of itself there.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { messageOf } from "../foundation/error.js";
import { oneLine } from "../text/harmless.js";
import { PYTHON_FOLDER } from "./trl-options.js";

/** PyTorch on a slow disk takes its time. */
const PATIENCE_MS = 180_000;

const answerSchema = z.object({
  python: z.string(),
  executable: z.string(),
  versions: z.record(z.string(), z.string().nullable()),
  problem: z.string().nullable(),
  gpus: z.array(z.string()),
});

export interface TrlEnvironment {
  readonly ready: boolean;
  /** What was found, and how to get what is missing. */
  readonly message: string;
}

/**
 * Asks an interpreter of this machine for the trainer's packages and GPUs.
 * @param python its name or path
 */
export async function trlEnvironment(
  python: string,
  signal: AbortSignal,
): Promise<TrlEnvironment> {
  const cure = `Make one with: python3 -m venv trl && trl/bin/pip install -r ${join(PYTHON_FOLDER, "requirements.lock")}, and name trl/bin/python.`;
  try {
    const { stdout } = await promisify(execFile)(
      python,
      ["-m", "autodidact_trainer.versions"],
      {
        env: { ...process.env, PYTHONPATH: PYTHON_FOLDER },
        timeout: PATIENCE_MS,
        signal,
      },
    );
    const found = answerSchema.parse(JSON.parse(stdout));
    if (found.problem !== null)
      return {
        ready: false,
        message: oneLine(`${found.problem} ${cure}`, 1000),
      };
    const packages = ["trl", "transformers", "torch"]
      .map((name) => `${name} ${found.versions[name] ?? "?"}`)
      .join(", ");
    const gpus = found.gpus.length === 0 ? "no GPU" : found.gpus.join(", ");
    return {
      ready: true,
      message: oneLine(`${found.executable} can train: ${packages}; ${gpus}.`),
    };
  } catch (cause) {
    if (signal.aborted) throw cause;
    return {
      ready: false,
      message: `"${python}" does not run the trainer's check (${oneLine(messageOf(cause), 300)}). ${cure}`,
    };
  }
}
