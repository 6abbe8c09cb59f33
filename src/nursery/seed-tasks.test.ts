/**
 * @file The nursery's seed tasks: as many as in the paper, right, and never held out.
 */
import { expect, test } from "vitest";
import { FAMILIES, parsePrompt } from "./families.js";
import { seedTasks } from "./seed-tasks.js";
import { isHeldOutPrompt } from "./split.js";
import { verify } from "./verify.js";
import { VOCABULARY } from "./vocabulary.js";

const tasks = seedTasks(1);

test("there are 25 classification tasks and 150 others, of every family", () => {
  const classification = tasks.filter((task) => task.is_classification);
  expect([classification.length, tasks.length]).toEqual([25, 175]);
  const families = new Set(
    tasks.map(({ instruction }) => parsePrompt(instruction)?.family),
  );
  expect(families.size).toBe(FAMILIES.length);
});

test("every answer is right, every task on the training side, no two are the same", () => {
  for (const { instruction, instances, is_classification: kind } of tasks) {
    const task = parsePrompt(instruction);
    expect(task?.isClassification).toBe(kind);
    expect(instances).toHaveLength(1);
    const output = instances[0]?.output ?? "";
    expect(task && verify(task, output, { finished: true }).score).toBe(5);
    expect(isHeldOutPrompt(instruction)).toBe(false);
  }
  expect(new Set(tasks.map(({ instruction }) => instruction)).size).toBe(175);
});

test("another seed draws other tasks", () => {
  expect(seedTasks(2)).not.toEqual(tasks);
});

test("every word is in the vocabulary", () => {
  const known = new Set(VOCABULARY);
  const unknown = tasks
    .flatMap(({ instruction, instances }) =>
      `${instruction} ${instances[0]?.output ?? ""}`.split(" "),
    )
    .filter((word) => !known.has(word));
  expect(unknown).toEqual([]);
});
