import { describe, expect, it } from "vitest";
import { AnswerTimes } from "./answer-times.js";

const options = { longestMs: 900_000, shortestMs: 30_000 };

function observed(count: number, milliseconds: number, tokens: number) {
  const times = new AnswerTimes(options);
  for (let index = 0; index < count; index++)
    times.answered(milliseconds, tokens);
  return times;
}

describe("AnswerTimes", () => {
  it("is generous until eight answers were seen", () => {
    expect(observed(7, 100, 100).allowance(100)).toBe(900_000);
    expect(observed(8, 100, 100).allowance(100)).toBe(30_000);
  });

  it("allows four times the slowest pace for the tokens asked for", () => {
    // 20 s for 100 tokens is 200 ms a token; 4 × 200 ms × 400 tokens = 320 s.
    expect(observed(8, 20_000, 100).allowance(400)).toBe(320_000);
  });

  it("never allows more than the longest time", () => {
    expect(observed(8, 60_000, 16).allowance(4096)).toBe(900_000);
  });

  it("lets a slow answer fade as faster ones follow", () => {
    const times = observed(8, 20_000, 100);
    for (let index = 0; index < 1000; index++) times.answered(1000, 100);
    // 10 ms a token: 4 × 10 × 400 = 16 s, below the shortest allowance.
    expect(times.allowance(400)).toBe(30_000);
  });

  it("doubles with each time-out in a row and forgets them with an answer", () => {
    const times = observed(8, 20_000, 100);
    times.timedOut();
    expect(times.allowance(400)).toBe(640_000);
    times.timedOut();
    expect(times.allowance(400)).toBe(900_000);
    times.answered(20_000, 100);
    expect(times.allowance(400)).toBe(320_000);
  });
});
