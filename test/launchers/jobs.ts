/**
 * @file Jobs for tests: shell scripts in a folder of their own, and what they left.
 */
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256 } from "../../src/foundation/hash.js";
import type { FiniteJob } from "../../src/launchers/done-file.js";

/** Ends a script as a job that has succeeded. */
export const DONE = `echo "{\\"job\\": \\"$AUTODIDACT_JOB\\"}" >done.tmp && mv done.tmp done`;

/** Tells when an earlier run of the same script is still alive. */
export const ALONE = `for pid in $(cat pids 2>/dev/null); do
  case "$(ps -o stat= -p $pid)" in ""|Z*) ;; *) echo "$pid beside $$" >>overlaps ;; esac
done
echo $$ >>pids`;

/** A job of one node in a new folder, which is also where it runs. */
export async function scriptJob(
  script: string,
  more: Partial<FiniteJob> = {},
): Promise<FiniteJob> {
  const folder =
    more.folder ?? (await mkdtemp(join(tmpdir(), "autodidact-job-")));
  return {
    id: sha256(script),
    name: "test",
    argv: ["sh", "-c", script],
    env: {},
    cwd: folder,
    nodes: 1,
    gpusPerNode: 0,
    folder,
    done: join(folder, "done"),
    graceSeconds: 2,
    ...more,
  };
}

/** The lines of a file in the job's folder; none when it is not there. */
export async function linesIn(
  { folder }: FiniteJob,
  name: string,
): Promise<readonly string[]> {
  const text = await readFile(join(folder, name), "utf8").catch(() => "");
  return text.split("\n").filter((line) => line !== "");
}

/** Waits for something to become true; a test that waits in vain runs out of time. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition()))
    await new Promise((resolve) => setTimeout(resolve, 50));
}

/** Whether a process lives; the ended one whose parent has not looked does not. */
export async function lives(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat !== "" && !/\) [ZX]/.test(stat);
}
