import { describe, expect, it } from "vitest";
import { backoff, parseRetryAfter } from "./retry-pause.js";

const NOON = Date.UTC(2026, 0, 31, 12, 0, 0);

describe("parseRetryAfter", () => {
  it.each([
    ["7", 7000],
    [" 0 ", 0],
    ["1.5", 1500],
    ["Sat, 31 Jan 2026 12:00:30 GMT", 30_000],
    ["Saturday, 31-Jan-26 12:00:30 GMT", 30_000],
    ["Sat Jan 31 12:00:30 2026 GMT", 30_000],
    ["Sat, 31 Jan 2026 11:59:00 GMT", 0],
  ])("reads %s", (header, milliseconds) => {
    expect(parseRetryAfter(header, NOON)).toBe(milliseconds);
  });

  it.each([undefined, "", "soon", "-3", "7 seconds", "Sat, nonsense"])(
    "passes over %s",
    (header) => {
      expect(parseRetryAfter(header, NOON)).toBeUndefined();
    },
  );
});

describe("backoff", () => {
  it("doubles from half a second to half a minute, half of it random", () => {
    const shortest = [1, 2, 3, 4, 5, 6, 7, 8, 60].map((n) => backoff(n, 0));
    expect(shortest).toEqual([
      250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000,
    ]);
    expect(backoff(1, 0.5)).toBe(375);
    expect(backoff(60, 1)).toBe(30_000);
  });
});
