/**
 * @file Jobs of a Ray cluster: one submission for each node, over HTTP.
 *
 * The nodes of a job meet through its folder, as everywhere, so none of Ray's Python is
 * needed. Ray places the submissions one by one: two jobs of several nodes that start at
 * once may each hold a part of what the other waits for. A second submission of an id is
 * answered with 500; logs come whole each time, and the follower of logs closes early,
 * so the log is read from the folder. Measured with Ray 2.60.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { z } from "zod";
import { AutodidactError } from "../foundation/error.js";
import { writeFileAtomic } from "../foundation/storage.js";
import { oneLine } from "../text/harmless.js";
import {
  hostsOf,
  makeAttemptFolder,
  readLog,
  readMark,
  readRanks,
  writeMark,
} from "./attempt-folder.js";
import type { Attempt } from "./job.js";
import { jobName } from "./job-name.js";
import type { JobReport, Launcher } from "./launcher.js";
import { meetingPort } from "./meeting-port.js";
import { nodeScript, quoted } from "./node-script.js";
import { outcomeOf } from "./outcome.js";
import {
  rayApi,
  type AskRay,
  type RayAnswer,
  type RaySettings,
} from "./ray-api.js";

const END_SECONDS = 60;
const AGENT_SECONDS = 120;

const told = z.object({
  status: z.enum(["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "STOPPED"]),
  message: z.string().nullish(),
});
type Told = z.infer<typeof told>;

const GOING_ON: ReadonlySet<string> = new Set(["PENDING", "RUNNING"]);

export function rayLauncher(settings: RaySettings): Launcher {
  const ask = rayApi(settings);
  return {
    kind: "ray",
    pollSeconds: 3,
    submit: (attempt) => submit(ask, attempt, settings),
    poll: (attempt) => poll(ask, attempt),
    logs: (attempt, offset) => readLog(attempt, 0, offset),
    cancel: (attempt) => cancel(ask, attempt),
  };
}

async function submit(
  ask: AskRay,
  attempt: Attempt,
  { resources }: RaySettings,
): Promise<void> {
  const folder = await makeAttemptFolder(attempt);
  if ((await readMark(attempt, "submitted")) !== null) return;
  const { job } = attempt;
  const script = join(folder, "run.sh");
  await writeFileAtomic(
    script,
    nodeScript(attempt, meetingPort(attempt), job.timeLimitSeconds ?? 0),
  );
  for (const [rank, id] of idsOf(attempt).entries()) {
    const { status, text } = await whenReady(ask, {
      submission_id: id,
      entrypoint: `exec sh ${quoted(script)} ${rank}`,
      // Without a number the job would run on the head node.
      entrypoint_num_cpus: job.cpusPerNode ?? 1,
      ...(job.gpusPerNode === 0
        ? {}
        : { entrypoint_num_gpus: job.gpusPerNode }),
      ...(resources === undefined ? {} : { entrypoint_resources: resources }),
      metadata: { job: job.id, attempt: String(attempt.number) },
      runtime_env: {
        env_vars: {
          RAY_JOB_STOP_WAIT_TIME_S: String(Math.ceil(job.graceSeconds)),
        },
      },
    });
    if (status !== 200 && !text.includes("already exists"))
      throw new AutodidactError(
        "JOB",
        `Ray refused the job ${job.name} (${status}: ${oneLine(text)}). Change what is asked for and run the same command again.`,
        { status },
      );
  }
  await writeMark(attempt, "submitted", "ray");
}

/** A cluster that has only just started has no agent yet, and says so with 500. */
async function whenReady(ask: AskRay, body: unknown): Promise<RayAnswer> {
  for (let waited = 0; ; waited += 2) {
    const answer = await ask("POST", "jobs/", body);
    if (!answer.text.includes("No available agent") || waited >= AGENT_SECONDS)
      return answer;
    await sleep(2000);
  }
}

async function poll(ask: AskRay, attempt: Attempt): Promise<JobReport> {
  const answers = await askAll(ask, attempt);
  const hosts = await hostsOf(attempt);
  const outcome = outcomeOf(await readRanks(attempt, "exit"));
  const over = answers.find(
    (answer) => answer === null || !GOING_ON.has(answer.status),
  );
  if (answers.every((answer) => answer === null) && hosts.length === 0)
    return { state: "unknown", message: "", hosts };
  const withdrawn =
    (await readMark(attempt, "cancelled")) !== null &&
    answers.every((answer) => answer?.status !== "RUNNING");
  if (outcome?.state !== "failed" && over === undefined && !withdrawn) {
    const pending = answers.find((answer) => answer?.status === "PENDING");
    const running = await readRanks(attempt, "running");
    return running.includes(null)
      ? { state: "waiting", message: oneLine(pending?.message ?? ""), hosts }
      : { state: "running", message: "", hosts };
  }
  if (withdrawn || answers.some((answer) => answer?.status === "STOPPED"))
    return { state: "cancelled", message: "", hosts };
  if (outcome !== null) return { ...outcome, hosts };
  // One node has ended well, the others have not yet.
  if (over?.status === "SUCCEEDED" && hosts.length > 0)
    return { state: "running", message: "", hosts };
  const words = oneLine(over?.message ?? "Ray has forgotten it");
  return {
    state: "lost",
    message:
      hosts.length === 0
        ? `${words}; and no node has written into ${attempt.job.folder}: does the folder lie on a file system that the nodes share?`
        : words,
    hosts,
  };
}

async function cancel(ask: AskRay, attempt: Attempt): Promise<void> {
  if ((await readMark(attempt, "submitted")) === null) return;
  await writeMark(attempt, "cancelled", "");
  const { graceSeconds } = attempt.job;
  for (let waited = 0; waited < graceSeconds + END_SECONDS; waited++) {
    const answers = await askAll(ask, attempt);
    if (waited === 0)
      for (const [rank, id] of idsOf(attempt).entries())
        if (GOING_ON.has(answers[rank]?.status ?? ""))
          await ask("POST", `jobs/${id}/stop`);
    // Ray hears of one that waits only when it starts; its script then sees the mark.
    if (answers.every((answer) => answer?.status !== "RUNNING")) return;
    await sleep(1000);
  }
  throw new AutodidactError(
    "JOB",
    `Ray does not end the job ${jobName(attempt)}: stop it with ray job stop, then run the same command again.`,
  );
}

/** What Ray says of each rank; null where it knows nothing. */
async function askAll(
  ask: AskRay,
  attempt: Attempt,
): Promise<readonly (Told | null)[]> {
  return Promise.all(
    idsOf(attempt).map(async (id) => {
      const { status, text } = await ask("GET", `jobs/${id}`);
      if (status === 404) return null;
      const parsed = status === 200 ? told.safeParse(jsonOf(text)) : undefined;
      if (parsed?.success === true) return parsed.data;
      throw new AutodidactError(
        "JOB",
        `Ray answered ${status} with something that is no job: ${oneLine(text)}`,
        { status, again: true },
      );
    }),
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function idsOf(attempt: Attempt): readonly string[] {
  return Array.from(
    { length: attempt.job.nodes },
    (_, rank) => `${jobName(attempt)}-${rank}`,
  );
}
