/**
 * @file Jobs as processes of this machine: one detached script for each "node".
 *
 * Nobody has to stay alive for it: the script on the node records its token and its exit
 * code, and a later start of this program finds both in the job's folder.
 */
import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { AutodidactError } from "../foundation/error.js";
import { writeFileAtomic } from "../foundation/storage.js";
import {
  attemptFolder,
  hostsOf,
  makeAttemptFolder,
  readLog,
  readMark,
  readRanks,
  writeMark,
} from "./attempt-folder.js";
import type { Attempt } from "./job.js";
import type { JobReport, Launcher } from "./launcher.js";
import { freePort } from "./meeting-port.js";
import { nodeScript } from "./node-script.js";
import { outcomeOf } from "./outcome.js";
import { endRuns, isHere, livingOf, noShell } from "./processes.js";

/** How long a script may take to write its first mark, in milliseconds. */
const START_MS = 10_000;

export const localLauncher: Launcher = {
  kind: "local",
  pollSeconds: 1,
  submit,
  poll,
  logs: (attempt, offset) => readLog(attempt, 0, offset),
  cancel,
};

async function submit(attempt: Attempt): Promise<void> {
  await makeAttemptFolder(attempt);
  if ((await readMark(attempt, "submitted")) === null) {
    await writeFileAtomic(
      join(attemptFolder(attempt), "run.sh"),
      nodeScript(attempt, await freePort(), attempt.job.timeLimitSeconds ?? 0),
    );
    await writeMark(attempt, "submitted", "local");
    await start(attempt, [...Array(attempt.job.nodes).keys()]);
  } else {
    // This program died here: what it was about to start may just be starting.
    const missing = await unmarked(attempt, 2000);
    if (missing.length > 0) await start(attempt, missing);
  }
}

async function start(
  attempt: Attempt,
  ranks: readonly number[],
): Promise<void> {
  for (const rank of ranks)
    spawn("sh", [join(attemptFolder(attempt), "run.sh"), String(rank)], {
      detached: true,
      stdio: "ignore",
      cwd: "/",
    })
      .on("error", () => undefined)
      .unref();
  if ((await unmarked(attempt, START_MS)).length > 0) throw noShell(undefined);
}

/** The ranks whose script has left no mark within a time. */
async function unmarked(
  attempt: Attempt,
  milliseconds: number,
): Promise<readonly number[]> {
  for (let waited = 0; ; waited += 20) {
    const marks = await readRanks(attempt, "script");
    const missing = [...marks.keys()].filter((rank) => marks[rank] === null);
    if (missing.length === 0 || waited >= milliseconds) return missing;
    await sleep(20);
  }
}

async function poll(attempt: Attempt): Promise<JobReport> {
  const tokens = await tokensOf(attempt);
  const hosts = await hostsOf(attempt);
  const living = await livingOf(tokens);
  const outcome = outcomeOf(await readRanks(attempt, "exit"));
  if (living.size > 0 && outcome?.state !== "failed") {
    const running = await readRanks(attempt, "running");
    return running.every((token) => token !== null && living.has(token))
      ? { state: "running", message: "", hosts }
      : {
          state: "waiting",
          message: "until what ran before is gone from this machine",
          hosts,
        };
  }
  if ((await readMark(attempt, "cancelled")) !== null)
    return { state: "cancelled", message: "", hosts };
  if (outcome !== null) return { ...outcome, hosts };
  return (await readMark(attempt, "submitted")) === null
    ? { state: "unknown", message: "", hosts }
    : { state: "lost", message: "its processes are gone", hosts };
}

async function cancel(attempt: Attempt): Promise<void> {
  if ((await readMark(attempt, "submitted")) === null) return;
  // First, so that a script which is only just starting sees it.
  await writeMark(attempt, "cancelled", "");
  await endRuns(await tokensOf(attempt), attempt.job);
}

/** @throws JOB when the job was started on another machine */
async function tokensOf(attempt: Attempt): Promise<readonly string[]> {
  const tokens = (await readRanks(attempt, "script")).filter(
    (token) => token !== null,
  );
  const elsewhere = tokens.find((token) => !isHere(token));
  if (elsewhere !== undefined)
    throw new AutodidactError(
      "JOB",
      `The job ${attempt.job.name} was started on the machine ${elsewhere.split(":")[0] ?? ""}, whose processes cannot be seen from here. Go on there; or, when that machine is gone for good, remove ${attemptFolder(attempt)} and run the same command again.`,
      { path: attemptFolder(attempt) },
    );
  return tokens;
}
