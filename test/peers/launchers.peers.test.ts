/**
 * @file Jobs on a real Slurm and a real Ray, and killed at random on this machine.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { readMark } from "../../src/launchers/attempt-folder.js";
import type { FiniteJob } from "../../src/launchers/done-file.js";
import { NODE_WORDS } from "../../src/launchers/job.js";
import { openLauncher } from "../../src/launchers/launchers.js";
import { runJob } from "../../src/launchers/run-job.js";
import type { LauncherSettings } from "../../src/launchers/settings.js";
import { trlTrainer } from "../../src/trl/trl-trainer.js";
import { ROOT } from "../cli/program.js";
import {
  expectSameCurve,
  followCurve,
  readCurve,
} from "../golden/training-curve.js";
import {
  ALONE,
  DONE,
  linesIn,
  lives,
  scriptJob,
  until,
} from "../launchers/jobs.js";
import { startRay, type RayCluster } from "./ray-cluster.js";
import { startSlurm, type SlurmCluster } from "./slurm-cluster.js";

const PYTHON = process.env["AUTODIDACT_PYTHON"] ?? "";

/** Goes on where an earlier attempt stopped, until it is let go. */
const STEPS = `${ALONE}; n=$(cat step 2>/dev/null || echo 0)
until [ -e go ]; do n=$((n + 1)); echo $n >step.tmp && mv step.tmp step; sleep 0.1; done
${DONE}`;
/** Saves when it is asked to end. */
const SAVES = `${ALONE}; trap 'echo saved >saved; exit 75' TERM; sleep 600 & wait`;

async function twoNodes(): Promise<FiniteJob> {
  const job = await scriptJob(
    `echo "rank $1 of $2 at $3"; sleep 1; [ "$1" = 1 ] || { ${DONE}; }`,
    { nodes: 2 },
  );
  const { rank, count, masterAddress } = NODE_WORDS;
  return { ...job, argv: [...job.argv, "sh", rank, count, masterAddress] };
}

function program(job: FiniteJob, settings: LauncherSettings): ChildProcess {
  return spawn(
    process.execPath,
    [
      ...["--import", "tsx", `${ROOT}/test/launchers/job-program.ts`],
      ...[JSON.stringify(job), JSON.stringify(settings)],
    ],
    { stdio: "ignore" },
  );
}

/** Starts a program, kills it when the job runs, and starts it again. */
async function survives(settings: LauncherSettings): Promise<void> {
  const job = await scriptJob(`${ALONE}; sleep 8; ${DONE}`);
  const first = program(job, settings);
  await until(async () => (await linesIn(job, "pids")).length === 1);
  first.kill("SIGKILL");
  await runJob(openLauncher(settings), job);
  expect(await linesIn(job, "pids")).toHaveLength(1);
}

async function stopsInOrder(settings: LauncherSettings): Promise<void> {
  const job = await scriptJob(SAVES, { graceSeconds: 10 });
  const stop = new AbortController();
  const result = runJob(openLauncher(settings), job, { signal: stop.signal });
  await until(async () => (await linesIn(job, "pids")).length === 1);
  stop.abort(new Error("by the person"));
  await expect(result).rejects.toThrow("by the person");
  expect(await linesIn(job, "saved")).toEqual(["saved"]);
}

/** Two processes of the Python trainer make the steps that plain TRL made. */
async function trains(
  settings: LauncherSettings,
  processes: { readonly nodes: number; readonly processesPerNode: number },
): Promise<void> {
  const curve = readCurve("test/fixtures/training/dpo.json");
  const { folder } = await scriptJob("");
  const trainer = trlTrainer({
    launcher: openLauncher(settings),
    ...{ ...processes, python: PYTHON, strategy: "ddp" },
    ...{ precision: "float32", device: "cpu" },
  });
  const steps = await followCurve(curve, join(folder, "out"), trainer);
  expectSameCurve(steps, curve.steps);
}

describe("Slurm", () => {
  const settings: LauncherSettings = { kind: "slurm" };
  let cluster: SlurmCluster | undefined;
  beforeAll(async () => {
    cluster = await startSlurm();
    for (const [name, value] of Object.entries(cluster.env))
      vi.stubEnv(name, value);
  });
  afterAll(async () => {
    await cluster?.stop();
    vi.unstubAllEnvs();
  });

  test("runs a job on two nodes", async () => {
    const logs: string[] = [];
    await runJob(openLauncher(settings), await twoNodes(), {
      onLog: (text) => logs.push(text),
    });
    expect(logs.join("")).toMatch(/^rank 0 of 2 at \S+\n$/);
  });

  test("runs on when this program is killed", () => survives(settings));

  test("lets a job save when the person stops", () => stopsInOrder(settings));

  test("trains on two nodes, as plain TRL does", () =>
    trains(settings, { nodes: 2, processesPerNode: 1 }));

  test("says why it refuses", async () => {
    const job = await scriptJob("true");
    await expect(
      openLauncher({ kind: "slurm", partition: "none" }).submit({
        job,
        number: 1,
      }),
    ).rejects.toThrow(/Slurm refused the job test: .*[Ii]nvalid partition/);
  });

  test("never runs a requeued job beside the step of a node whose daemon died", async () => {
    const job = await scriptJob(
      `echo "$SLURM_RESTART_COUNT" >>starts; ${ALONE}; until [ -e go ]; do sleep 0.2; done; ${DONE}`,
    );
    const launcher = openLauncher({ kind: "slurm", args: ["--nodelist=n2"] });
    const result = runJob(launcher, job);
    await until(async () => (await linesIn(job, "pids")).length === 1);
    await cluster?.killNode(2);
    // The controller gives the node up after SlurmdTimeout, and requeues the job.
    await sleep(40_000);
    await cluster?.startNode(2);
    await sleep(20_000);
    expect(await linesIn(job, "overlaps")).toEqual([]);
    spawn("touch", [join(job.folder, "go")]);
    await result;
    expect(await linesIn(job, "overlaps")).toEqual([]);
  });
});

describe("Ray", () => {
  const settings = () => ({
    kind: "ray" as const,
    address: cluster?.address ?? "",
  });
  let cluster: RayCluster | undefined;
  beforeAll(async () => {
    cluster = await startRay(PYTHON);
    vi.stubEnv("RAY_AUTH_TOKEN", cluster.token);
  });
  afterAll(async () => {
    await cluster?.stop();
    vi.unstubAllEnvs();
  });

  test("runs a job of two nodes", async () => {
    const logs: string[] = [];
    await runJob(openLauncher(settings()), await twoNodes(), {
      onLog: (text) => logs.push(text),
    });
    expect(logs.join("")).toMatch(/^rank 0 of 2 at \S+\n$/);
  });

  test("runs on when this program is killed", () => survives(settings()));

  test("lets a job save when the person stops", () => stopsInOrder(settings()));

  test.each([
    ["token", () => settings(), /Ray at \S+ refuses the token \(40[13]/],
    [
      "address",
      () => ({ kind: "ray" as const, address: "http://127.0.0.1:9" }),
      /Ray does not answer at http:\/\/127\.0\.0\.1:9/,
    ],
  ])("says of a wrong %s what it is", async (what, wrong, said) => {
    if (what === "token") vi.stubEnv("RAY_AUTH_TOKEN", "f".repeat(64));
    const job = await scriptJob("true");
    const submitted = openLauncher(wrong()).submit({ job, number: 1 });
    await expect(submitted).rejects.toThrow(said);
    vi.stubEnv("RAY_AUTH_TOKEN", cluster?.token);
  });

  test("trains with two processes, as plain TRL does", () =>
    trains(settings(), { nodes: 1, processesPerNode: 2 }));
});

test("twenty kills of program, script and job at random end where none would have", async () => {
  const job = await scriptJob(STEPS);
  const settings: LauncherSettings = { kind: "local" };
  let current = program(job, settings);
  const hasEnded = () =>
    current.exitCode !== null || current.signalCode !== null;
  let seed = 7;
  for (let kills = 0; kills < 20;) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    await sleep(300 + (seed % 1500));
    if (hasEnded()) current = program(job, settings);
    if ((await readMark({ job, number: 1 }, "script-0")) === null) continue;
    const victim = await victimOf(job, current, seed % 3);
    if (victim === undefined || !(await lives(victim))) continue;
    process.kill(victim, "SIGKILL");
    kills++;
  }
  const reached = Number((await linesIn(job, "step"))[0]);
  expect(await linesIn(job, "done")).toEqual([]);
  spawn("touch", [join(job.folder, "go")]);
  await until(
    async () => (await linesIn(job, "done")).length > 0 || hasEnded(),
  );
  await runJob(openLauncher(settings), job);
  expect(Number((await linesIn(job, "step"))[0])).toBeGreaterThanOrEqual(
    reached,
  );
  expect(await linesIn(job, "overlaps")).toEqual([]);
  for (const pid of await linesIn(job, "pids"))
    expect(await lives(Number(pid))).toBe(false);
});

async function victimOf(
  job: FiniteJob,
  current: ChildProcess,
  choice: number,
): Promise<number | undefined> {
  if (choice === 0) return current.pid;
  if (choice === 1) return Number((await linesIn(job, "pids")).at(-1));
  const tokens = await linesIn(job, "lease-0");
  return Number(tokens[0]?.split(":")[2] ?? 0);
}
