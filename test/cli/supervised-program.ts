/**
 * @file A program under a supervisor whose commands are the hard cases for Ctrl-C.
 *
 * `compute` never lets its event loop turn, as one long call of a native library;
 * `wait` stops in order; `die` ends itself by SIGKILL. Each says its process id first.
 */
import { defineCommand } from "../../src/cli/command.js";
import { runProcess } from "../../src/cli/run-process.js";
import { supervise, supervisedSignals } from "../../src/cli/supervisor.js";

const compute = defineCommand({
  name: "compute",
  summary: "Compute for ever",
  options: {},
  examples: {},
  run: async (_values, io) => {
    io.remark(`worker ${process.pid}`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
});

const wait = defineCommand({
  name: "wait",
  summary: "Wait for Ctrl-C",
  options: {},
  examples: {},
  run: (_values, io) =>
    new Promise((_resolve, reject) => {
      const work = setInterval(() => undefined, 1000);
      io.remark(`worker ${process.pid}`);
      io.signal.addEventListener("abort", () => {
        clearInterval(work);
        io.print("in order");
        reject(io.signal.reason as Error);
      });
    }),
});

const die = defineCommand({
  name: "die",
  summary: "End by SIGKILL",
  options: {},
  examples: {},
  run: async () => {
    process.kill(process.pid, "SIGKILL");
  },
});

const signals = supervisedSignals();
if (signals === null) process.exitCode = await supervise();
else await runProcess([compute, wait, die], {}, signals);
