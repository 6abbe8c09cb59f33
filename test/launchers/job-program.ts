/**
 * @file A program that takes a job to its end, to be killed by tests.
 *
 * Reads the job and the launcher as JSON from its arguments; prints each state on a line.
 */
import type { FiniteJob } from "../../src/launchers/done-file.js";
import { openLauncher } from "../../src/launchers/launchers.js";
import { runJob } from "../../src/launchers/run-job.js";
import type { LauncherSettings } from "../../src/launchers/settings.js";

const stop = new AbortController();
process.on("SIGINT", () => {
  stop.abort(new Error("stopped"));
});
const job = JSON.parse(process.argv[2] ?? "") as FiniteJob;
const settings = JSON.parse(
  process.argv[3] ?? '{"kind":"local"}',
) as LauncherSettings;
await runJob(openLauncher(settings), job, {
  signal: stop.signal,
  onState: ({ state }, attempt) => {
    console.log(`${attempt} ${state}`);
  },
});
console.log("done");
