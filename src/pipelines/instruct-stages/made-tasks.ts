/**
 * @file The finished tasks of a run, and the names they have in its files.
 */
import type { SeedTask } from "../../data/formats/instruction-records.js";
import type { ClassifiedInstruction } from "./classification-stage.js";
import type { AcceptedInstance } from "./instance-stage.js";

/** An accepted instruction with its accepted instances, in order of acceptance. */
export interface MadeTask {
  /** "task-000001", by order of acceptance. */
  readonly id: string;
  readonly instruction: string;
  readonly isClassification: boolean;
  readonly instances: readonly AcceptedInstance[];
}

export function madeTasks(
  instructions: readonly ClassifiedInstruction[],
  instances: ReadonlyMap<number, readonly AcceptedInstance[]>,
): readonly MadeTask[] {
  return instructions.map(
    ({ rowId, instruction, isClassification }, index) => ({
      id: `task-${String(index + 1).padStart(6, "0")}`,
      instruction,
      isClassification,
      instances: instances.get(rowId) ?? [],
    }),
  );
}

/** The task in the release's seed format. */
export function asSeedTask(task: MadeTask): SeedTask {
  return {
    id: task.id,
    name: task.id,
    instruction: task.instruction,
    instances: task.instances.map(({ input, output }) => ({ input, output })),
    is_classification: task.isClassification,
  };
}
