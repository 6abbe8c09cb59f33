import { describe, expect, it } from "vitest";
import { formatMoney, parseMoney, roundedMoney } from "./money.js";

describe("money", () => {
  it.each([
    [0, 0],
    [7, 7],
    [3_554.7, 3_550],
    [412_345, 412_000],
    [1_234_567, 1_230_000],
    [98_765_432, 98_770_000],
  ])("of %d millionths is compared as %d", (micros, rounded) => {
    expect(roundedMoney(micros)).toBe(rounded);
  });

  it.each([
    ["0.15", 150_000],
    ["$5", 5_000_000],
    ["0.000001", 1],
    ["12.", 12_000_000],
  ])("reads %s exactly", (text, micros) => {
    expect(parseMoney(text)).toBe(micros);
  });

  it.each(["", "-1", "1e3", "0.0000001", "abc", "1,50"])(
    "does not take %j for money",
    (text) => {
      expect(parseMoney(text)).toBeUndefined();
    },
  );

  it.each([
    [0, "$0.00"],
    [1, "$0.000001"],
    [150_000, "$0.15"],
    [12_340_000, "$12.34"],
    [1_234_567, "$1.234567"],
  ])("shows %i micros as %s", (micros, text) => {
    expect(formatMoney(micros)).toBe(text);
  });
});
