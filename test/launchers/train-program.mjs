/**
 * @file A program that trains with TRL through a launcher, to be killed by tests: of the
 * built program, which starts sooner than its sources.
 *
 * Reads the job, what TRL is told and the launcher as JSON from its arguments; prints each
 * step and each setback on a line.
 */
import { openLauncher } from "../../dist/launchers/launchers.js";
import { trlTrainer } from "../../dist/trl/trl-trainer.js";

const stop = new AbortController();
process.on("SIGINT", () => {
  stop.abort();
});
const [job, options, launcher] = process.argv
  .slice(2)
  .map((part) => JSON.parse(part));
await trlTrainer({ ...options, launcher: openLauncher(launcher) }).dpo({
  ...job,
  signal: stop.signal,
  onSetback: (message) => {
    console.log(message);
  },
  onStep: ({ step }, _total, recorded) => {
    console.log(`${recorded ? "recorded" : "step"} ${step}`);
  },
});
