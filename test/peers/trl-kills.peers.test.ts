/**
 * @file The Python trainer, killed at random together with the program that waits for it:
 * the same bytes as if nobody had, no step trained twice at once, no process left.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { randomStream } from "../../src/foundation/random.js";
import { BINARY } from "../cli/program.js";
import {
  PREFERENCE_ROWS,
  temporaryFolder,
  TINY_LLAMA,
} from "../invariants/tiny-model.js";
import {
  ended,
  expectSameFiles,
  processesOf,
  stepsOf,
  TRAINER,
} from "./killed.js";

/** More of them outside of continuous integration, where each start takes its time. */
const KILLS = Number(process.env["AUTODIDACT_TRL_KILLS"] ?? "4");
const PROCESSES = 2;

const folder = temporaryFolder();

test(
  `${KILLS} kills of program, torchrun and trainers end in the same bytes`,
  { timeout: 1_800_000 },
  async () => {
    const data = join(folder(), "pairs.jsonl");
    const lines = PREFERENCE_ROWS.map((row) => `${JSON.stringify(row)}\n`);
    writeFileSync(data, lines.join(""));
    const left = join(folder(), "left");
    expect(await ended(train(data, left))).toBe(0);

    const killed = join(folder(), "killed");
    const training = `${killed}.training`;
    const random = randomStream(11, "kills");
    let current = train(data, killed);
    for (let kills = 0, seen = 0; kills < KILLS;) {
      await sleep(50);
      // One that ended by itself has trained to the end, and nothing is left to kill.
      expect(current.exitCode).toBe(null);
      const trainers = processesOf(training, TRAINER);
      expect(trainers.length).toBeLessThanOrEqual(PROCESSES);
      const steps = stepsOf(killed);
      const trains = steps > seen;
      seen = steps;
      if (!trains) continue;
      await sleep(random.integer(300));
      const [victim] =
        {
          0: [current.pid],
          1: processesOf(training, /torch\.distributed\.run/).map(
            ({ pid }) => pid,
          ),
          2: [trainers[random.integer(PROCESSES)]?.pid],
        }[kills % 3] ?? [];
      if (victim === undefined) continue;
      process.kill(victim, "SIGKILL");
      kills++;
      if (victim !== current.pid) continue;
      await ended(current);
      current = train(data, killed);
    }
    expect(await ended(current)).toBe(0);
    expectSameFiles(killed, left);
    expect(processesOf(training)).toEqual([]);
  },
);

function train(data: string, out: string): ChildProcess {
  return spawn(
    process.execPath,
    [
      ...[BINARY, "train", "dpo", "--model", resolve(TINY_LLAMA)],
      ...["--data", data, "--out", out, "--epochs", "100", "--lr", "1e-4"],
      ...["--batch-size", "2", "--gradient-accumulation", "2"],
      ...["--label-smoothing", "0.1", "--nll-weight", "0.3"],
      ...["--save-every", "9", "--device", "cpu", "--engine", "trl"],
      ...["--python", process.env["AUTODIDACT_PYTHON"] ?? ""],
      ...["--processes", String(PROCESSES)],
    ],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
}
