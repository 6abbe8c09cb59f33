import { describe, expect, it } from "vitest";
import { randomStream } from "../foundation/random.js";
import { corruptAnswer, corruptResponse } from "./corruption.js";
import { FAMILIES, drawTask, parsePrompt } from "./families.js";
import type { NurseryTask } from "./family.js";
import { verify } from "./verify.js";

const FINISHED = { finished: true };

describe("corruptAnswer", () => {
  it.each(FAMILIES.map((family) => [family.name, family] as const))(
    "is never right, never empty and of varied severity in %s",
    (_name, family) => {
      const random = randomStream(1, family.name);
      const scores = new Set<number>();
      const mistaken: string[] = [];
      for (let draw = 0; draw < 400; draw++) {
        const task = drawTask(family, random);
        const response = corruptAnswer(task, random);
        const { correct, score } = verify(task, response, FINISHED);
        if (correct || response === task.answer || response.trim() === "")
          mistaken.push(`${task.prompt} -> ${response}`);
        scores.add(score);
      }
      expect(mistaken).toEqual([]);
      expect([0, 1, 2].every((score) => scores.has(score))).toBe(true);
    },
  );

  it("reaches every score from 0 to 4 over the world", () => {
    const random = randomStream(2, "scores");
    const counts = [0, 0, 0, 0, 0];
    for (let draw = 0; draw < 2400; draw++) {
      const task = drawTask(random.pick(FAMILIES), random);
      const { score } = verify(task, corruptAnswer(task, random), FINISHED);
      counts[score] = (counts[score] ?? 0) + 1;
    }
    for (const count of counts) expect(count).toBeGreaterThan(90);
  });

  it("stays wrong where most slips change nothing", () => {
    const task = parsePrompt("sort the letters : a a") as NurseryTask;
    const random = randomStream(3, "same");
    for (let draw = 0; draw < 200; draw++)
      expect(corruptAnswer(task, random)).not.toBe("a a");
  });

  it("gives the same corruption for the same stream", () => {
    const task = parsePrompt("reverse the letters : c a t") as NurseryTask;
    const draw = (): string[] => {
      const random = randomStream(4, "repeat");
      return Array.from({ length: 20 }, () => corruptAnswer(task, random));
    };
    expect(draw()).toEqual(draw());
  });
});

describe("corruptResponse", () => {
  it("cuts some answers short and marks them unfinished", () => {
    const task = parsePrompt("reverse the letters : c a t") as NurseryTask;
    const random = randomStream(5, "unfinished");
    const responses = Array.from({ length: 600 }, () =>
      corruptResponse(task, random),
    );
    const unfinished = responses.filter(({ finished }) => !finished);
    expect(unfinished.length).toBeGreaterThan(20);
    expect(unfinished.length).toBeLessThan(100);
    expect(new Set(unfinished.map(({ response }) => response))).toEqual(
      new Set(["", "t", "t a"]),
    );
    for (const { response, finished } of responses)
      expect(verify(task, response, { finished }).correct).toBe(false);
  });
});
