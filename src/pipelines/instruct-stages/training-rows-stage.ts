/**
 * @file Which ledger row every line of `training.jsonl` comes from.
 */
import type { MadeTask } from "./made-tasks.js";
import type { InstructContext } from "./instruct-context.js";
import { countsOfKept, runStage } from "../run/run-stage.js";

/** Records one row for each instance, in the order of the file. */
export async function trainingRowsStage(
  context: InstructContext,
  tasks: readonly MadeTask[],
): Promise<void> {
  const instances = tasks.flatMap((task) => task.instances);
  await runStage(context, {
    name: "training-set",
    title: `${instances.length} training rows are laid out`,
    inputs: null,
    work: (stage) => {
      stage.insert(
        "training_rows",
        instances.map(({ candidateId }, position) => ({
          key: String(position),
          dataset: "training.jsonl",
          position,
          candidateId,
        })),
      );
      return { counts: countsOfKept(instances.length), output: null };
    },
  });
}
