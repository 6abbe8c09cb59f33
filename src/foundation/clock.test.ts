import { expect, test } from "vitest";
import { manualClock, systemClock, timestamp } from "./clock.js";

test("a manual clock moves only when it is told to", () => {
  const clock = manualClock(1000);
  expect([clock.now(), clock.monotonic()]).toEqual([1000, 0]);
  clock.advance(250);
  expect([clock.now(), clock.monotonic()]).toEqual([1250, 250]);
});

test("a timestamp is ISO 8601 in UTC", () => {
  // 86 400 000 ms is one day after the epoch.
  expect(timestamp(manualClock(86_400_000))).toBe("1970-01-02T00:00:00.000Z");
});

test("the system clock's monotonic time never goes back", () => {
  const first = systemClock.monotonic();
  expect(systemClock.monotonic()).toBeGreaterThanOrEqual(first);
  // 2024-01-01: a clock that gave seconds instead of milliseconds would be below.
  expect(systemClock.now()).toBeGreaterThan(1_704_067_200_000);
});
