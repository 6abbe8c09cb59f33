/**
 * @file A program with one command that never ends by itself, for Ctrl-C.
 *
 * `wait` stops in order when it is asked to; `wait --stubborn` never does.
 */
import { defineCommand } from "../../src/cli/command.js";
import { runProcess } from "../../src/cli/run-process.js";

const wait = defineCommand({
  name: "wait",
  summary: "Wait for Ctrl-C",
  options: { stubborn: { kind: "flag", description: "Do not stop" } },
  examples: {},
  afterInterrupt: "Run the same command again to go on.",
  run: ({ stubborn }, io) =>
    new Promise((_resolve, reject) => {
      // Keeps the process alive, as a model at work would.
      const work = setInterval(() => undefined, 1000);
      io.remark("working");
      if (stubborn) return;
      io.signal.addEventListener("abort", () => {
        clearInterval(work);
        io.print("in order");
        reject(io.signal.reason as Error);
      });
    }),
});

await runProcess([wait], {});
