/**
 * @file Recognising the line that opens a part of an answer: "Input:",
 * "**Output 2:**", "示例一", "輸出：", whatever words the language pack lists.
 *
 * A label counts only at the start of a line, so that a mention of the word inside
 * a sentence is text. How an answer may number things is told here too.
 */
import type { LanguagePack } from "../language-packs/language-pack.js";

export type LabelKind = "task" | "example" | "input" | "output" | "classLabel";

export interface LabelledLine {
  readonly kind: LabelKind;
  /** The word as the pack writes it. */
  readonly word: string;
  /** Whether that is the word of our prompts. */
  readonly isOurs: boolean;
  /** The number behind the word. */
  readonly number: number | undefined;
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

/** Characters that stand for a colon, full-width, small and upright ones too. */
export const COLONS = ":：﹕∶︰︓";

/** Numbers in one character that need no point behind them: ① ⑴ ⒈ ㈠ ㊀ ❶ ➀. */
export const ENCLOSED_NUMBERS = "[①-⒛㈠-㈩㊀-㊉❶-➓]";

export type LabelReader = (line: string) => LabelledLine | undefined;

/** Makes the recogniser for one pack's words. */
export function labelReader(pack: LanguagePack): LabelReader {
  const patterns = KINDS.map(
    (kind) => [kind, labelPattern(kind, pack)] as const,
  );
  return (line) => {
    for (const [kind, pattern] of patterns) {
      const found = pattern.exec(line)?.groups;
      if (found === undefined) continue;
      const { number = "", rest = "" } = found;
      const word = asWritten(found.word ?? "", pack);
      return {
        kind,
        word,
        isOurs: word === pack.labels[kind][0]?.toLowerCase(),
        number: number === "" ? undefined : numberOf(number),
        rest,
      };
    }
    return undefined;
  };
}

/** One number as a list or a label may have it, as the source of a regular expression. */
export function numeral(pack: LanguagePack): string {
  return ["[0-9０-９]{1,3}", ENCLOSED_NUMBERS, ...pack.numerals].join("|");
}

/** `text` in lower case and in the characters in which the pack writes its labels. */
export function asWritten(text: string, { variants }: LanguagePack): string {
  return variants.reduce(
    (written, [ours = "", other = ""]) => written.replaceAll(other, ours),
    text.toLowerCase(),
  );
}

/** Alternatives of a pack's words as the source of a regular expression, longest first. */
export function alternatives(
  words: readonly string[],
  { variants }: LanguagePack,
): string {
  return [...words]
    .sort((a, b) => b.length - a.length)
    .map((word) =>
      variants.reduce(
        (source, pair) => source.replaceAll(pair.charAt(0), `[${pair}]`),
        word.replace(/[.*+?^${}()|[\]\\/-]/gu, "\\$&"),
      ),
    )
    .join("|");
}

function labelPattern(kind: LabelKind, pack: LanguagePack): RegExp {
  const words = alternatives(pack.labels[kind], pack);
  const number = `(?<number>${numeral(pack)})`;
  const head = String.raw`^[ \t]*(?:[#>]{1,6}[ \t]*)?[*_]{0,3}(?<word>${words})`;
  // "Example 1", "Example 1.", "Example:": a number or a colon must follow at once,
  // or the line is prose that begins with the word.
  const tail =
    kind === "example"
      ? String.raw`(?:[ \t]*${number}[*_]{0,3}(?:[ \t]*[.)${COLONS}．）、][*_]{0,3}|(?=[ \t]*$))|[*_]{0,3}[ \t]*[${COLONS}][*_]{0,3}(?=[ \t]*$))`
      : String.raw`(?:[ \t]*${number})?[*_]{0,3}[ \t]*[${COLONS}][*_]{0,3}`;
  return new RegExp(`${head}${tail}[ \\t]*(?<rest>[^]*)$`, "iu");
}

const CHINESE_DIGITS = "〇一二三四五六七八九";

/** What "3", "３", "③" or "十三" counts. NFKC turns enclosed and full-width numbers into plain ones. */
function numberOf(text: string): number {
  const plain = text.normalize("NFKC").replace(/[^0-9一-龥]/gu, "");
  if (/^[0-9]+$/u.test(plain)) return Number(plain);
  const [tens = "", ones = ""] = plain.includes("十")
    ? plain.split("十")
    : ["〇", plain];
  const digit = (one: string): number =>
    Math.max(CHINESE_DIGITS.indexOf(one), 0);
  return 10 * (tens === "" ? 1 : digit(tens)) + (ones === "" ? 0 : digit(ones));
}
