import { expect, test } from "vitest";
import {
  decimal,
  duration,
  percentCell,
  percentInterval,
  pointsInterval,
  unbroken,
} from "./format.js";

test("what was not measured is a dash", () => {
  expect([
    percentCell(null),
    decimal(null),
    percentInterval(null),
    pointsInterval(null),
    duration(null),
  ]).toEqual(["–", "–", "–", "–", "–"]);
});

test("intervals stand behind their mean", () => {
  expect(percentInterval({ mean: 0.712, low: 0.6731, high: 0.75 })).toBe(
    "71.2\u202F% [67.3, 75.0]",
  );
  expect(pointsInterval({ mean: -0.02, low: -0.05, high: 0.01 })).toBe(
    "−2.0 [−5.0, 1.0]",
  );
});

test("durations are read in the unit a person would use", () => {
  expect(duration(47.6)).toBe("48\u202Fs");
  expect(duration(432)).toBe("7\u202Fmin 12\u202Fs");
  expect(duration(7510)).toBe("2\u202Fh 5\u202Fmin");
});

test("a percentage never breaks over two lines", () => {
  expect(unbroken("from 67.4 % to 53.4 %")).toBe(
    "from 67.4\u202F% to 53.4\u202F%",
  );
});
