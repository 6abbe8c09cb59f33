/**
 * @file A training on two nodes of a real Slurm, through everything that dies there: the
 * program, a node, the job. One training takes one blow after the other, and leaves the
 * bytes of one that took none.
 */
import { spawn, spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { ROOT } from "../cli/program.js";
import {
  DPO_SETTINGS,
  PREFERENCE_ROWS,
  temporaryFolder,
  TINY_LLAMA,
} from "../invariants/tiny-model.js";
import { until } from "../launchers/jobs.js";
import {
  ended,
  expectSameFiles,
  processesOf,
  stepsOf,
  TRAINER,
} from "./killed.js";
import { startSlurm, type SlurmCluster } from "./slurm-cluster.js";

const NODES = 2;
const SAVE_EVERY = 10;

const folder = temporaryFolder();
let cluster: SlurmCluster;

beforeAll(async () => {
  cluster = await startSlurm();
  for (const [name, value] of Object.entries(cluster.env))
    vi.stubEnv(name, value);
  // Two trainers of two threads each on two cores wait for each other most of the time.
  vi.stubEnv("OMP_NUM_THREADS", "1");
});
afterAll(async () => {
  await cluster.stop();
  vi.unstubAllEnvs();
});

test(
  "a training whose program, node and job are killed ends in the same bytes",
  { timeout: 900_000 },
  async () => {
    const left = join(folder(), "left");
    expect(await train(left).ended).toBe(0);

    const killed = join(folder(), "killed");
    const watch = watchTraining(killed);
    /** Waits while a program lives: one that has ended will not get there. */
    const meanwhile = (program: Program, condition: () => boolean) =>
      until(async () => {
        expect(program.code(), program.said()).toBe(null);
        return condition();
      });
    const grows = (program: Program): Promise<void> => {
      const before = stepsOf(killed);
      return meanwhile(program, () => stepsOf(killed) > before + SAVE_EVERY);
    };

    // The program dies, and the job runs on; the next one takes it up.
    const first = train(killed);
    await grows(first);
    first.kill("SIGKILL");
    await first.ended;
    const second = train(killed);
    await meanwhile(second, () => second.said().includes("recorded"));
    expect(attemptsOf(killed)).toBe(1);

    // A node dies with all that runs on it: Slurm queues the job anew.
    await cluster.loseNode(2);
    const atLoss = stepsOf(killed);
    await meanwhile(
      second,
      () => slurm("squeue", "%T %r") === "PENDING BeginTime",
    );
    await cluster.startNode(2);
    await until(async () => slurm("sinfo", "%t %D") === "idle 2");
    // Slurm lets two minutes pass before it starts the job of a lost node again.
    await sleep(5000);
    spawnSync("scontrol", [
      "update",
      `JobId=${slurm("squeue", "%i")}`,
      "StartTime=now",
    ]);
    await grows(second);
    expect(watch.fewestSteps(atLoss)).toBeGreaterThanOrEqual(
      atLoss - 2 * SAVE_EVERY,
    );
    expect(second.said()).toMatch(
      /The training was lost after step \d+ .*started again from its last saved/,
    );

    // The person stops: it saves, and goes on from there.
    second.kill("SIGINT");
    expect(await second.ended).toBe(1);
    expect(second.said()).toMatch(/Training stopped after step \d+ of 600/);
    const third = train(killed);
    await grows(third);

    // Somebody cancels the job behind the program's back.
    spawnSync("scancel", [slurm("squeue", "%i")]);
    expect(await third.ended).toBe(1);
    expect(third.said()).toMatch(/was cancelled, not by this program/);

    const last = train(killed);
    expect(await last.ended, last.said()).toBe(0);
    expect(watch.end()).toBe(NODES);
    expectSameFiles(killed, left);
  },
);

type Program = ReturnType<typeof train>;

/** A program that trains into `out`. */
function train(out: string) {
  const job = {
    ...{ checkpoint: resolve(TINY_LLAMA), output: out, saveEvery: SAVE_EVERY },
    ...{ rows: PREFERENCE_ROWS, rehearsal: [] },
    settings: {
      ...{
        ...DPO_SETTINGS,
        epochs: 300,
        batchSize: 2,
        gradientAccumulation: 2,
      },
      ...{ rehearsalEvery: 0, learningRate: 1e-4 },
    },
  };
  const options = {
    ...{ python: process.env["AUTODIDACT_PYTHON"], nodes: NODES },
    ...{ processesPerNode: 1, strategy: "ddp", precision: "float32" },
    device: "cpu",
  };
  const child = spawn(
    process.execPath,
    [
      `${ROOT}/test/launchers/train-program.mjs`,
      ...[job, options, { kind: "slurm" }].map((part) => JSON.stringify(part)),
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  return {
    ended: ended(child),
    code: () => child.exitCode,
    said: () => said,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
  };
}

/** Looks again and again at what a training does. */
function watchTraining(out: string) {
  let most = 0;
  const seen: number[] = [];
  const timer = setInterval(() => {
    const trainers = processesOf(`${out}.training`, TRAINER);
    most = Math.max(most, trainers.length);
    seen.push(stepsOf(out));
  }, 100);
  return {
    /** Since `steps` were there for the last time before a fall. */
    fewestSteps: (steps: number) =>
      Math.min(...seen.slice(seen.indexOf(steps))),
    /** @returns the most trainers that lived at once */
    end: () => {
      clearInterval(timer);
      return most;
    },
  };
}

/** What Slurm says of its one job, or of its nodes. */
function slurm(command: "squeue" | "sinfo", format: string): string {
  const { stdout } = spawnSync(command, ["--noheader", `--format=${format}`], {
    encoding: "utf8",
  });
  return stdout.trim();
}

function attemptsOf(out: string): number {
  return readdirSync(join(`${out}.training`, "launch")).filter((name) =>
    name.startsWith("attempt-"),
  ).length;
}
