/**
 * @file A program that works on a run until it is killed: `working-run.ts FOLDER STEPS`.
 * It tells of its first steps, writes a prompt for each, and says "working".
 */
import type { Stage } from "../../src/ledger/stage.js";
import { withRun } from "../../src/pipelines/run/with-run.js";
import { ENVIRONMENT } from "../ledger/support.js";

const [folder = "", steps = "1"] = process.argv.slice(2);

/** Rows that are there already stay as they are. */
function writePrompt(stage: Stage, i: number): void {
  stage.insert("prompts", [
    { key: String(i), text: `prompt ${i}`, origin: "generated" },
  ]);
}

await withRun(
  { folder, environment: ENVIRONMENT, emit: () => undefined, now: () => 0 },
  async ({ ledger, emit, begin }) => {
    await begin({ name: "working", seed: 1 }, ["work"]);
    const stage = ledger.stage("work", "h");
    emit({ type: "stage-start", stage: "work", title: "prompts are written" });
    for (let step = 1; step <= Number(steps); step++) {
      writePrompt(stage, step);
      emit({
        type: "training-step",
        stage: "work",
        totalSteps: 10,
        metrics: {
          step,
          loss: 1 / step,
          grad_norm: 1,
          learning_rate: 0.1,
          num_tokens: 5,
        },
        recorded: false,
      });
    }
    emit({ type: "warning", code: "odd", message: "Something is odd." });
    console.log("working");
    await new Promise(() => setInterval(() => undefined, 60_000));
  },
);
