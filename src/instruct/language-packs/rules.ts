/**
 * @file Violations of instruction rules, to which a language pack gives the numbers
 * and words. Each is pure and looks at one instruction alone: it gives its evidence,
 * or undefined for an instruction that passes.
 */
import { isInvisible } from "../../text/model-marks.js";
import type { InstructionRule } from "./language-pack.js";

type Violation = InstructionRule["violation"];

/** Refuses text without a visible character. */
export const blank: InstructionRule = {
  name: "blank",
  violation: (text) =>
    isInvisible(text) ? "the instruction is empty" : undefined,
};

/** Refuses instructions outside `least`..`most`, both allowed. */
export function lengthBounds(bounds: {
  readonly least: number;
  readonly most: number;
  readonly unit: string;
  readonly length: (text: string) => number;
}): InstructionRule[] {
  const { least, most, unit, length } = bounds;
  const unless =
    (fits: (size: number) => boolean, wanted: string): Violation =>
    (text) => {
      const size = length(text);
      return fits(size) ? undefined : `${size} ${unit}, ${wanted} wanted`;
    };
  return [
    {
      name: "too-short",
      violation: unless((size) => size >= least, `at least ${least}`),
    },
    {
      name: "too-long",
      violation: unless((size) => size <= most, `at most ${most}`),
    },
  ];
}

/** Refuses instructions in which `pattern` matches; the match is the evidence. */
export function matches(pattern: RegExp): Violation {
  return (text) => {
    const match = pattern.exec(text);
    return match === null ? undefined : `“${match[0]}”`;
  };
}

/** Refuses instructions whose first character `refused` matches. */
export function startsWith(refused: RegExp): Violation {
  return (text) => {
    const [start] = text.trim();
    return start !== undefined && refused.test(start)
      ? `starts with “${start}”`
      : undefined;
  };
}
