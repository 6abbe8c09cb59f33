/**
 * @file Lessons are made of the seeds alone, and what they teach is what is read.
 */
import { expect, it } from "vitest";
import type { SeedTask } from "../data/formats/instruction-records.js";
import { rulesWithout } from "./language-packs/check.js";
import { instanceLessons, taskLessons } from "./prompt-lessons.js";
import { nurseryPrompts } from "./prompts/nursery-prompts.js";

const seeds = Array.from({ length: 10 }, (_, index): SeedTask => ({
  id: `seed_${index}`,
  name: `seed_${index}`,
  instruction: `add one : ${index}`,
  instances: [{ input: "", output: String(index + 1) }],
  is_classification: index < 2,
}));

const promptsIn = (style: "chat" | "completion") =>
  nurseryPrompts({ style, newInstructions: 8, enabled: rulesWithout([]) });
const OPTIONS = { shown: 5, written: 3, lists: 4, sortingWeight: 10, seed: 1 };

it("lists show some seeds and write others; every seed is sorted once", () => {
  const prompts = promptsIn("chat");
  const lessons = taskLessons(prompts, seeds, OPTIONS);
  expect(lessons).toHaveLength(4 + 10);
  for (const { row, seed } of lessons.slice(0, 4)) {
    const asked = JSON.stringify(row.prompt);
    const answer = row.completion[0] as { readonly content: string };
    const { accepted } = prompts.readInstructions({
      text: answer.content,
      finishReason: "stop",
    });
    expect(accepted).toHaveLength(3);
    expect(accepted[0]).toBe(seeds[seed]?.instruction);
    for (const written of accepted) {
      expect(seeds.map(({ instruction }) => instruction)).toContain(written);
      expect(asked).not.toContain(`${written} `);
    }
  }
  expect(lessons.map(({ row }) => row.weight ?? 1)).toEqual([
    ...[1, 1, 1, 1],
    ...seeds.map(() => 10),
  ]);
  const sorted = lessons
    .slice(4)
    .map(({ row, seed }) => [
      seed,
      (row.completion[0] as { readonly content: string }).content,
    ]);
  expect(sorted).toEqual(
    seeds.map((task, index) => [index, task.is_classification ? "yes" : "no"]),
  );
});

it("the same seed draws the same lists, another seed others", () => {
  const prompts = promptsIn("chat");
  expect(taskLessons(prompts, seeds, OPTIONS)).toEqual(
    taskLessons(prompts, seeds, OPTIONS),
  );
  expect(taskLessons(prompts, seeds, { ...OPTIONS, seed: 2 })).not.toEqual(
    taskLessons(prompts, seeds, OPTIONS),
  );
});

it("an instance lesson is the prompt with the seed's own output, in either style", () => {
  expect(instanceLessons(promptsIn("chat"), seeds)[3]).toEqual({
    seed: 3,
    row: {
      prompt: [{ role: "user", content: "add one : 3" }],
      completion: [{ role: "assistant", content: "4" }],
    },
  });
  expect(instanceLessons(promptsIn("completion"), seeds)[3]?.row).toEqual({
    prompt: "add one : 3 answer :",
    completion: " 4",
  });
});
