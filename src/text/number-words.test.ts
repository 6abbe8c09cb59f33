import { expect, test } from "vitest";
import {
  count,
  counted,
  fixed,
  percent,
  points,
  signed,
} from "./number-words.js";

test("numbers are rounded and carry true signs", () => {
  expect(percent(0.7118)).toBe("71.2 %");
  expect(percent(0.9, 0)).toBe("90 %");
  expect(points(0.129)).toBe("12.9 points");
  expect(signed(0.5)).toBe("+0.50");
  expect(signed(-0.5)).toBe("−0.50");
  expect(fixed(1.005, 1)).toBe("1.0");
});

test("nothing is ever minus zero", () => {
  expect(fixed(-0.001)).toBe("0.00");
  expect(signed(-0.001)).toBe("+0.00");
});

test("large counts are separated by thousands", () => {
  expect([0, 999, 1000, 16384, 1234567].map(count)).toEqual([
    "0",
    "999",
    "1,000",
    "16,384",
    "1,234,567",
  ]);
});

test("one thing is singular, none and several are plural", () => {
  expect(counted(1, "pair")).toBe("1 pair");
  expect(counted(0, "pair")).toBe("0 pairs");
  expect(counted(1173, "pair")).toBe("1,173 pairs");
  expect(counted(2, "row resembles", "rows resemble")).toBe("2 rows resemble");
});
