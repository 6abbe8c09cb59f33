/**
 * @file Signals to a program whose worker is too busy to hear them.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { STOPPING } from "../../src/cli/interrupt.js";
import { ROOT, runNode } from "./program.js";

const PROGRAM = ["--import", "tsx", `${ROOT}/test/cli/supervised-program.ts`];

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s while the worker computes is acknowledged, and a second one ends it",
  async (signal) => {
    let worker = 0;
    let sent = 0;
    const result = await runNode([...PROGRAM, "compute"], {
      onStderr: (child, stderr) => {
        worker = Number(/worker (\d+)/.exec(stderr)?.[1]);
        // One when it computes, one when that was acknowledged.
        if (sent === 0 || (sent === 1 && stderr.includes(STOPPING))) {
          sent++;
          child.kill(signal);
        }
      },
    });
    expect(result).toEqual({
      code: 130,
      stdout: "",
      stderr: `worker ${worker}\n${STOPPING}\n`,
    });
    expect(alive(worker)).toBe(false);
  },
);

test.each(["supervisor", "both"])(
  "one Ctrl-C to %s stops in order and is told once",
  async (to) => {
    let sent = false;
    const result = await runNode([...PROGRAM, "wait"], {
      onStderr: (child, stderr) => {
        const worker = Number(/worker (\d+)/.exec(stderr)?.[1]);
        if (sent) return;
        sent = true;
        // As a terminal does, whose Ctrl-C reaches every process in front.
        if (to === "both") process.kill(worker, "SIGINT");
        child.kill("SIGINT");
      },
    });
    expect(result.code).toBe(130);
    expect(result.stdout).toBe("in order\n");
    expect(result.stderr.split(STOPPING)).toHaveLength(2);
  },
);

test("a worker dies with its supervisor", async () => {
  let worker = 0;
  await runNode([...PROGRAM, "wait"], {
    onStderr: (child, stderr) => {
      worker = Number(/worker (\d+)/.exec(stderr)?.[1]);
      child.kill("SIGKILL");
    },
  });
  while (alive(worker)) await sleep(10);
  expect(worker).toBeGreaterThan(0);
});

test("a worker that a signal ended ends its supervisor by the same signal", async () => {
  expect(await runNode([...PROGRAM, "die"])).toEqual({
    code: null,
    stdout: "",
    stderr: "",
  });
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
