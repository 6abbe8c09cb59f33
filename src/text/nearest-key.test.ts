/**
 * @file Suggestions: near enough to help, or none.
 */
import { expect, test } from "vitest";
import { nearestKey } from "./nearest-key.js";

test("suggests the candidate with the fewest edits", () => {
  // sed → seed is one insertion; sed → send would be one too, but comes later.
  expect(nearestKey("sed", ["rounds", "seed", "send"])).toBe("seed");
});

test("ignores case", () => {
  expect(nearestKey("RunDir", ["rundir"])).toBe("rundir");
});

test("suggests nothing when more than 40 % would have to change", () => {
  // "lr" → "beta": 4 edits of 4 letters.
  expect(nearestKey("lr", ["beta"])).toBeUndefined();
});

test("allows one edit in words too short for a share", () => {
  expect(nearestKey("m", ["n"])).toBe("n");
});

test("forgives swapped letters in a short word", () => {
  // Two edits of three letters.
  expect(nearestKey("stf", ["dpo", "sft"])).toBe("sft");
});
