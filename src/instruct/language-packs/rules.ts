/**
 * @file Makers of instruction rules, to which a language pack gives the numbers
 * and words. Each rule is pure and looks at one instruction alone.
 */
import { isInvisible } from "../../text/model-marks.js";
import type { InstructionRule } from "./language-pack.js";

/** Refuses text without a visible character. */
export function blank(): InstructionRule {
  return {
    name: "blank",
    about: "nothing that can be seen",
    violation: (text) =>
      isInvisible(text) ? "the instruction is empty" : undefined,
  };
}

/** Refuses instructions outside `least`..`most`, both allowed. */
export function lengthBounds(bounds: {
  readonly least: number;
  readonly most: number;
  readonly unit: string;
  readonly length: (text: string) => number;
  readonly source: string;
}): InstructionRule[] {
  const { least, most, unit, length, source } = bounds;
  return [
    {
      name: "too-short",
      about: `fewer than ${least} ${unit} (${source})`,
      violation: (text) => {
        const size = length(text);
        return size < least
          ? `${size} ${unit}, at least ${least} wanted`
          : undefined;
      },
    },
    {
      name: "too-long",
      about: `more than ${most} ${unit} (${source})`,
      violation: (text) => {
        const size = length(text);
        return size > most
          ? `${size} ${unit}, at most ${most} wanted`
          : undefined;
      },
    },
  ];
}

/** Refuses instructions in which `pattern` matches; the match is the evidence. */
export function forbiddenWords(
  pattern: RegExp,
  about: string,
): InstructionRule {
  return { name: "forbidden-word", about, violation: quoteMatch(pattern) };
}

/** Refuses instructions that ask for a program in the stock phrase. */
export function programRequest(
  pattern: RegExp,
  about: string,
): InstructionRule {
  return { name: "program-request", about, violation: quoteMatch(pattern) };
}

/** Refuses instructions whose first character `pattern` matches. */
export function leadingPunctuation(
  pattern: RegExp,
  about: string,
): InstructionRule {
  return {
    name: "leading-punctuation",
    about,
    violation: startEvidence((start) => pattern.test(start)),
  };
}

/** Refuses instructions whose first character `allowed` does not match. */
export function nonLanguageStart(
  allowed: RegExp,
  about: string,
): InstructionRule {
  return {
    name: "non-language-start",
    about,
    violation: startEvidence((start) => !allowed.test(start)),
  };
}

function quoteMatch(pattern: RegExp): (text: string) => string | undefined {
  return (text) => {
    const match = pattern.exec(text);
    return match === null ? undefined : `“${match[0]}”`;
  };
}

function startEvidence(
  refused: (start: string) => boolean,
): (text: string) => string | undefined {
  return (text) => {
    const [start] = text.trim();
    return start !== undefined && refused(start)
      ? `starts with “${start}”`
      : undefined;
  };
}
