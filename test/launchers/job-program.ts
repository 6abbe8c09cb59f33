/**
 * @file A program that takes a job to its end on this machine, to be killed by tests.
 *
 * Reads the job as JSON from its argument; prints each state on a line.
 */
import type { FiniteJob } from "../../src/launchers/done-file.js";
import { localLauncher } from "../../src/launchers/local.js";
import { runJob } from "../../src/launchers/run-job.js";

const stop = new AbortController();
process.on("SIGINT", () => {
  stop.abort(new Error("stopped"));
});
const job = JSON.parse(process.argv[2] ?? "") as FiniteJob;
await runJob(localLauncher, job, {
  signal: stop.signal,
  onState: ({ state }, attempt) => {
    console.log(`${attempt} ${state}`);
  },
});
console.log("done");
