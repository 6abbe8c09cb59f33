import { describe, expect, it } from "vitest";
import { FAMILIES, parsePrompt } from "./families.js";
import type { NurseryTask } from "./family.js";
import {
  JUDGE_TEST_ANSWERS,
  evaluationPrompts,
  evaluationSeeds,
  heldOutTasks,
  instructionSeeds,
  judgeFixedSet,
  judgeTestSet,
  writtenCandidates,
} from "./seed-sets.js";
import { isHeldOutPrompt } from "./split.js";
import { verify } from "./verify.js";

const FINISHED = { finished: true };

function taskOf(prompt: string): NurseryTask {
  const task = parsePrompt(prompt);
  if (task === undefined) throw new Error(`not a task: ${prompt}`);
  return task;
}

function countBy<T>(
  items: readonly T[],
  key: (item: T) => string | number,
): ReadonlyMap<string | number, number> {
  const counts = new Map<string | number, number>();
  for (const item of items)
    counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return counts;
}

const seeds = instructionSeeds(1);
const tasks = evaluationPrompts(1, 960);
const heldOut = heldOutTasks(1);
const fixedSet = judgeFixedSet(1);
const testSet = judgeTestSet(1);

describe("instructionSeeds", () => {
  it("are 600 different prompts, 25 of each family", () => {
    expect(new Set(seeds.map(({ prompt }) => prompt)).size).toBe(600);
    expect([...countBy(seeds, ({ family }) => family).values()]).toEqual(
      FAMILIES.map(() => 25),
    );
  });

  it("are half exact and half wrong", () => {
    const exact = seeds.filter(
      ({ prompt, output }) => verify(taskOf(prompt), output, FINISHED).correct,
    );
    expect(exact.length).toBe(300);
  });

  it("join instruction and input to the prompt", () => {
    expect(
      seeds.filter(
        ({ prompt, instruction, input }) =>
          prompt !== (input === "" ? instruction : `${instruction} : ${input}`),
      ),
    ).toEqual([]);
  });
});

describe("the held-out sets", () => {
  it("hold at least 550 evaluation prompts, 25 of each family", () => {
    expect(new Set(heldOut.map(({ prompt }) => prompt)).size).toBe(600);
    expect([...countBy(heldOut, ({ family }) => family).values()]).toEqual(
      FAMILIES.map(() => 25),
    );
  });

  it("hold 480 fixed judge items with a right and a wrong answer", () => {
    expect(fixedSet.length).toBe(480);
    expect(
      fixedSet.filter(
        ({ task, right, corrupted }) =>
          !verify(task, right, FINISHED).correct ||
          verify(task, corrupted, FINISHED).correct,
      ),
    ).toEqual([]);
  });

  it("hold 168 judge test prompts with five different graded answers", () => {
    expect(testSet.length).toBe(168);
    for (const { task, responses } of testSet) {
      expect(new Set(responses.map(({ response }) => response)).size).toBe(
        JUDGE_TEST_ANSWERS,
      );
      expect(responses[0]).toEqual({ response: task.answer, score: 5 });
      expect(responses.map(({ score }) => score)).toEqual(
        responses.map(({ response }) => verify(task, response, FINISHED).score),
      );
    }
  });

  it("grade the test answers as differently as the family allows", () => {
    const distinct = new Map<string, number>();
    for (const { task, responses } of testSet)
      distinct.set(
        task.family,
        Math.min(
          distinct.get(task.family) ?? 5,
          new Set(responses.map(({ score }) => score)).size,
        ),
      );
    for (const [family, fewest] of distinct)
      expect(fewest, family).toBeGreaterThanOrEqual(3);
    for (const family of ["reverse_letters", "sort_digits", "largest_digit"])
      expect(distinct.get(family), family).toBe(5);
  });
});

describe("the two sides", () => {
  it("never share a prompt", () => {
    const training = [...seeds, ...tasks].map(({ prompt }) => prompt);
    const measuring = [
      ...heldOut,
      ...fixedSet.map(({ task }) => task),
      ...testSet.map(({ task }) => task),
    ].map(({ prompt }) => prompt);
    expect(training.filter(isHeldOutPrompt)).toEqual([]);
    expect(measuring.filter((prompt) => !isHeldOutPrompt(prompt))).toEqual([]);
  });

  it("depend on the seed alone", () => {
    expect(instructionSeeds(1)).toEqual(seeds);
    expect(instructionSeeds(2)).not.toEqual(seeds);
    expect(heldOutTasks(1)).toEqual(heldOut);
    expect(judgeFixedSet(1)).toEqual(fixedSet);
    expect(judgeTestSet(1)).toEqual(testSet);
  });

  it("say so when a family has too few held-out prompts", () => {
    expect(() => heldOutTasks(1, 80)).toThrow(/has only \d+ held-out prompts/);
  });
});

describe("evaluationSeeds", () => {
  const candidates = writtenCandidates(1, tasks, 6);

  it("label every row as the verifier does, each response once", () => {
    const rows = evaluationSeeds({ candidates, seed: 1, count: 1200 });
    expect(rows.length).toBe(1200);
    expect(
      rows.filter(
        ({ prompt, response, score }) =>
          verify(taskOf(prompt), response, FINISHED).score !== score,
      ),
    ).toEqual([]);
    expect(
      new Set(rows.map(({ prompt, response }) => `${prompt}\n${response}`))
        .size,
    ).toBe(rows.length);
    expect(
      rows.filter(({ prompt, answer }) => taskOf(prompt).answer !== answer),
    ).toEqual([]);
  });

  it("balance the families, and the scores within a family", () => {
    const rows = evaluationSeeds({ candidates, seed: 1, count: 24 * 24 });
    expect([...countBy(rows, ({ family }) => family).values()]).toEqual(
      FAMILIES.map(() => 24),
    );
    const reverse = countBy(
      rows.filter(({ family }) => family === "reverse_letters"),
      ({ score }) => score,
    );
    // Six scores share 24 rows.
    expect([0, 1, 2, 3, 4, 5].map((score) => reverse.get(score))).toEqual([
      4, 4, 4, 4, 4, 4,
    ]);
    const yesNo = countBy(
      rows.filter(({ family }) => family === "is_a"),
      ({ score }) => score,
    );
    // Labels know the scores 0, 1, 2 and 5 only.
    expect([0, 1, 2, 5].map((score) => yesNo.get(score))).toEqual([6, 6, 6, 6]);
  });

  it("pass over unfinished answers that read as partly right, and empty ones", () => {
    const task = tasks.find(({ family }) => family === "double_letters");
    if (task === undefined) throw new Error("no such task");
    const candidate = (response: string, finished: boolean) => ({
      task,
      response,
      finished,
    });
    const rows = evaluationSeeds({
      candidates: [
        candidate(task.answer, false),
        candidate("", true),
        candidate("cat dog", false),
        candidate(task.answer, true),
      ],
      seed: 1,
      count: 10,
    });
    expect(
      new Map(rows.map(({ response, score }) => [response, score])),
    ).toEqual(
      new Map([
        [task.answer, 5],
        ["cat dog", 0],
      ]),
    );
  });

  it("refuse a held-out prompt", () => {
    const task = heldOut[0] as NurseryTask;
    expect(() =>
      evaluationSeeds({
        candidates: [{ task, response: task.answer, finished: true }],
        seed: 1,
        count: 1,
      }),
    ).toThrow(/is held out/);
  });

  it("give what the candidates allow when more is asked for", () => {
    const few = candidates.slice(0, 7);
    const rows = evaluationSeeds({ candidates: few, seed: 1, count: 100 });
    expect(rows.length).toBeLessThanOrEqual(7);
    expect(rows.length).toBeGreaterThan(0);
  });
});
