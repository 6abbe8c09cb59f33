import { expect, it } from "vitest";
import { decodingWork } from "./decoding-work.js";
import type { CallProgress } from "./language-model.js";

it("counts what was read and written, and expects open answers to be like the ended ones", () => {
  const told: CallProgress[] = [];
  const request = { n: 4, maxTokens: 100 };
  const work = decodingWork([request], 50, (progress) => told.push(progress));
  work.read(30);
  work.read(20);
  work.wrote(4);
  // Half of what it might have had: the three others are expected to end there too.
  work.ended(request, 50);
  work.wrote(3);
  expect(told).toEqual([
    { done: 30, expected: 450 },
    { done: 50, expected: 450 },
    { done: 54, expected: 450 },
    { done: 57, expected: 50 + 50 + 150 },
  ]);
});

it("never expects less than is done", () => {
  const told: CallProgress[] = [];
  const request = { n: 2, maxTokens: 10 };
  const work = decodingWork([request], 0, (progress) => told.push(progress));
  work.ended(request, 1);
  for (let i = 0; i < 9; i++) work.wrote(1);
  expect(told.at(-1)).toEqual({ done: 9, expected: 9 });
});
