import { expect, it } from "vitest";
import { randomStream } from "../foundation/random.js";
import { decodingWork } from "./decoding-work.js";
import type { CallProgress } from "./language-model.js";

it("counts what was read and written, and expects the most where no answer has ended", () => {
  const told: CallProgress[] = [];
  const request = { n: 4, maxTokens: 100 };
  const work = decodingWork([request], 50, (progress) => told.push(progress));
  work.read(30);
  work.read(20);
  work.wrote(4);
  work.wrote(4);
  expect(told).toEqual([
    { done: 30, expected: 450 },
    { done: 50, expected: 450 },
    { done: 54, expected: 450 },
    { done: 58, expected: 450 },
  ]);
});

it.each([20, 60, 200, 2000])(
  "is not misled by the short answers, which end first: mean length %d",
  (mean) => {
    const request = { n: 400, maxTokens: 144 };
    const random = randomStream(1, "lengths", mean);
    const lengths = Array.from({ length: request.n }, () =>
      Math.min(
        request.maxTokens,
        Math.ceil(-mean * Math.log(1 - random.next())),
      ),
    );
    const total = lengths.reduce((sum, length) => sum + length, 0);
    let last = { done: 0, expected: 0 };
    const work = decodingWork([request], 0, (progress) => (last = progress));
    for (let step = 1; step <= request.maxTokens; step++) {
      const open = lengths.filter((length) => length >= step);
      if (open.length > 0) work.wrote(open.length);
      for (const length of open) if (length === step) work.ended(request, step);
      if (step < 5) continue;
      expect(last.expected / total).toBeGreaterThan(0.8);
      expect(last.expected / total).toBeLessThan(1.25);
    }
    expect(last.done).toBe(total);
  },
);

it("knows the rest of a call whose answers begin one after the other", () => {
  const request = { n: 1, maxTokens: 100 };
  const told: CallProgress[] = [];
  const work = decodingWork([request, request], 0, (one) => told.push(one));
  for (let token = 0; token < 50; token++) work.wrote(1);
  work.ended(request, 50);
  work.wrote(1);
  const rest = 50 * -Math.expm1(-99 / 51);
  expect(told.at(-1)?.expected).toBe(Math.round(51 + (51 / 50) * rest));
});

it("never expects less than is done", () => {
  const told: CallProgress[] = [];
  const request = { n: 2, maxTokens: 10 };
  const work = decodingWork([request], 0, (progress) => told.push(progress));
  work.ended(request, 1);
  for (let i = 0; i < 9; i++) work.wrote(1);
  for (const { done, expected } of told)
    expect(expected).toBeGreaterThanOrEqual(done);
  expect(told.at(-1)?.done).toBe(9);
});
