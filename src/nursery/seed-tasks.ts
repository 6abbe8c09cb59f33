/**
 * @file The nursery's seed tasks for Self-Instruct, as many as the paper's authors
 * wrote: 175, of which 25 classification, one instance each, every answer right.
 *
 * A task of this world is one line that carries its input ("sort the digits : 4 1 7"),
 * so instructions are distinct and instances have no input. Unlike the IFT seeds of the self-rewarding loop, which a careless crowd wrote, these
 * stand for tasks that their authors checked. All are of the training side of the
 * split, families come in turn. Paper: arXiv 2212.10560,
 * section 2.2.
 */
import type { SeedTask } from "../data/formats/instruction-records.js";
import { randomStream, type RandomStream } from "../foundation/random.js";
import { FAMILIES } from "./families.js";
import type { Family, NurseryTask } from "./family.js";
import { drawTaskOfSide } from "./split.js";

/** Section 2.2 of the paper. */
export const SEED_TASKS = { classification: 25, other: 150 } as const;

/** The seed tasks of `seed`: classification tasks first. */
export function seedTasks(seed: number): SeedTask[] {
  const random = randomStream(seed, "nursery", "seed-tasks");
  const kinds = [
    [true, SEED_TASKS.classification],
    [false, SEED_TASKS.other],
  ] as const;
  const seen = new Set<string>();
  const tasks = kinds.flatMap(([isClassification, count]) => {
    const families = FAMILIES.filter(
      (family) => family.isClassification === isClassification,
    );
    return distinctTasks(families, { count, seen, random });
  });
  return tasks.map((task, index) => ({
    id: `seed_${index + 1}`,
    name: `${task.family}_${index + 1}`,
    instruction: task.prompt,
    instances: [{ input: "", output: task.answer }],
    is_classification: task.isClassification,
  }));
}

function distinctTasks(
  families: readonly Family[],
  wanted: {
    readonly count: number;
    readonly seen: Set<string>;
    readonly random: RandomStream;
  },
): NurseryTask[] {
  const { count, seen, random } = wanted;
  const tasks: NurseryTask[] = [];
  for (let turn = 0; tasks.length < count; turn++) {
    const family = families[turn % families.length] as Family;
    let task = drawTaskOfSide(family, "training", random);
    while (seen.has(task.prompt))
      task = drawTaskOfSide(family, "training", random);
    seen.add(task.prompt);
    tasks.push(task);
  }
  return tasks;
}
