/**
 * @file Results that agree but for the last bits of their numbers: those of a
 * log-probability depend on what else was in its batch, and work that was stopped
 * within a batch goes on with a smaller one.
 */
import { expect } from "vitest";

/** `value` as an expectation that leaves numbers the last of their digits. */
export function alikeNumbers(value: unknown): unknown {
  if (typeof value === "number" && !Number.isInteger(value))
    return expect.closeTo(value, 4);
  if (Array.isArray(value)) return value.map(alikeNumbers);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, alikeNumbers(member)]),
  );
}
