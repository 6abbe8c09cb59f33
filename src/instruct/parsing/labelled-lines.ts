/**
 * @file Recognising the line that opens a part of an answer: "Input:",
 * "**Output 2:**", "示例一", whatever words the language pack lists.
 *
 * A label counts only at the start of a line, so that a mention of the word inside
 * a sentence is text.
 */
import type {
  LabelWords,
  LanguagePack,
} from "../language-packs/language-pack.js";

export type LabelKind = "task" | "example" | "input" | "output" | "classLabel";

export interface LabelledLine {
  readonly kind: LabelKind;
  /** What stands on the line after the label. */
  readonly rest: string;
}

const KINDS: readonly LabelKind[] = [
  "classLabel",
  "input",
  "output",
  "task",
  "example",
];

/** Makes the recogniser for one pack's words. */
export function labelReader(
  pack: LanguagePack,
): (line: string) => LabelledLine | undefined {
  const patterns = KINDS.map(
    (kind) => [kind, labelPattern(kind, pack)] as const,
  );
  return (line) => {
    for (const [kind, pattern] of patterns) {
      const match = pattern.exec(line);
      if (match !== null) return { kind, rest: match[1] ?? "" };
    }
    return undefined;
  };
}

/** Takes the empty-input marks a model writes for the empty input they mean. */
export function inputText(text: string, labels: LabelWords): string {
  const trimmed = text.trim();
  const bare = trimmed.replace(/^[([（【]|[)\]）】.。]$/gu, "").toLowerCase();
  return labels.noInput.includes(bare) ||
    labels.noInput.includes(trimmed.toLowerCase())
    ? ""
    : trimmed;
}

/** Alternatives of literal words as the source of a regular expression, longest first. */
export function alternatives(words: readonly string[]): string {
  return [...words]
    .sort((a, b) => b.length - a.length)
    .map((word) => word.replace(/[.*+?^${}()|[\]\\/-]/gu, "\\$&"))
    .join("|");
}

function labelPattern(kind: LabelKind, pack: LanguagePack): RegExp {
  const words = alternatives(pack.labels[kind]);
  const numeral = [String.raw`\d{1,3}`, ...pack.numerals].join("|");
  const head = String.raw`^[ \t]*(?:[#>]{1,6}[ \t]*)?[*_]{0,3}(?:${words})`;
  // "Example 1", "Example 1.", "Example:": a number or a colon must follow at once,
  // or the line is prose that begins with the word.
  const tail =
    kind === "example"
      ? String.raw`(?:[ \t]*(?:${numeral})[*_]{0,3}(?:[ \t]*[.):：）、][*_]{0,3}|(?=[ \t]*$))|[*_]{0,3}[ \t]*[:：][*_]{0,3}(?=[ \t]*$))`
      : String.raw`[ \t]*(?:${numeral})?[*_]{0,3}[ \t]*[:：][*_]{0,3}`;
  return new RegExp(`${head}${tail}[ \\t]*(.*)$`, "iu");
}
