/**
 * @file Recognising the line that opens a part of an answer: "Input:",
 * "**Output 2:**", "示例一", "輸出：", "【输入】", "## Output", whatever words and
 * brackets the language pack lists.
 *
 * Our prompts put a colon behind a label; an answer that writes its labels otherwise
 * does so throughout, so every label says in which style it is written. A label counts
 * only at the start of a line, so that a mention of the word inside a sentence is text.
 * How an answer may number things is told here too.
 */
import type { LanguagePack } from "../language-packs/language-pack.js";

export type LabelKind = "task" | "example" | "input" | "output" | "classLabel";

/** How a label is written: with a colon as in our prompts, with one as an item of a list, alone on a line as Markdown's headings are, or in a pair of brackets of the pack. */
export type LabelStyle = "colon" | "bullet" | "heading" | `in ${string}`;

export interface LabelledLine {
  readonly kind: LabelKind;
  readonly style: LabelStyle;
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

/** Marks of a list without numbers, as a class of a regular expression. */
export const BULLETS = "[-*+•·●▪–—]";

/** Numbers in one character that need no point behind them: ① ⑴ ⒈ ㈠ ㊀ ❶ ➀. */
export const ENCLOSED_NUMBERS = "[①-⒛㈠-㈩㊀-㊉❶-➓]";

export type LabelReader = (line: string) => LabelledLine | undefined;

/** Makes the recogniser for one pack's words. */
export function labelReader(pack: LanguagePack): LabelReader {
  const styles: readonly LabelStyle[] = [
    "colon",
    "bullet",
    "heading",
    ...pack.brackets.map((pair) => `in ${pair}` as const),
  ];
  const patterns = styles.flatMap((style) =>
    KINDS.map((kind) => ({
      kind,
      style,
      pattern: patternOf(kind, style, pack),
    })),
  );
  // Most lines have no word of a label, and need not be tried in every style.
  const words = KINDS.flatMap((kind) => pack.labels[kind]);
  const someWord = new RegExp(alternatives(words, pack), "iu");
  return (line) => {
    if (!someWord.test(line)) return undefined;
    for (const { kind, style, pattern } of patterns) {
      const found = pattern.exec(line)?.groups;
      if (found === undefined) continue;
      const { first = "", number = first, rest = "" } = found;
      const word = asWritten(found.word ?? "", pack);
      return {
        kind,
        style,
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

/** A number before its word, as the source of a regular expression; never found where the language has none. */
export function ordinal(pack: LanguagePack): string {
  const [before, behind] = pack.ordinal ?? ["(?!)", ""];
  return String.raw`(?:${before}[ \t]*(?:${numeral(pack)})[ \t]*${behind})`;
}

/** `text` as it stands in a regular expression. */
export function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/gu, "\\$&");
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
        literal(word),
      ),
    )
    .join("|");
}

function patternOf(
  kind: LabelKind,
  style: LabelStyle,
  pack: LanguagePack,
): RegExp {
  const word = String.raw`(?<first>${ordinal(pack)})?(?<word>${alternatives(pack.labels[kind], pack)})`;
  const number = `(?<number>${numeral(pack)})`;
  const blank = String.raw`[ \t]*`;
  const rest = String.raw`${blank}(?<rest>[^]*)$`;
  const before =
    style === "bullet"
      ? String.raw`${BULLETS}[ \t]+`
      : String.raw`(?:[#>]{1,6}${blank})?`;
  const head = String.raw`^${blank}${before}(?<mark>[*_]{0,3})`;
  // Emphasis of the label ends behind it, or what it stands before is emphasised.
  const mark = String.raw`(?:\k<mark>)?`;
  const colon = String.raw`(?:\k<mark>${blank}[${COLONS}]|${blank}[${COLONS}]${mark})`;
  const numbered = `${word}(?:${blank}${number})?`;
  if (style === "heading")
    return new RegExp(
      String.raw`^${blank}(?:#{1,6}[ \t]+[*_]{0,3}|[*_]{1,3})${numbered}[*_]{0,3}${blank}(?<rest>)$`,
      "iu",
    );
  if (style !== "colon" && style !== "bullet") {
    const [open = "", close = ""] = [...style.slice("in ".length)].map(literal);
    // "[Output](address)" is a link.
    const noLink = style === "in []" ? String.raw`(?!\()` : "";
    return new RegExp(
      String.raw`${head}${open}${blank}${numbered}${blank}${close}${noLink}(?:${colon}|${mark})${rest}`,
      "iu",
    );
  }
  // "Example 1", "Example 1.", "Example:": a number or a colon must follow at once,
  // or the line is prose that begins with the word.
  const tail =
    kind === "example"
      ? String.raw`(?:${blank}${number}${mark}(?:${blank}[.)${COLONS}．）、]${mark}|(?=${blank}$))|${colon}(?=${blank}$)|(?<=${ordinal(pack)}[^]{1,4})(?=${blank}$))`
      : String.raw`(?:${blank}${number})?${colon}`;
  return new RegExp(`${head}${word}${tail}${rest}`, "iu");
}

const CHINESE_DIGITS = "〇一二三四五六七八九";

/** What "3", "３", "③" or "十三" counts. NFKC turns enclosed and full-width numbers into plain ones. */
export function numberOf(text: string): number {
  const plain = text
    .normalize("NFKC")
    .replace(/[^0-9〇一二三四五六七八九十]/gu, "");
  if (/^[0-9]+$/u.test(plain)) return Number(plain);
  const [tens = "", ones = ""] = plain.includes("十")
    ? plain.split("十")
    : ["〇", plain];
  const digit = (one: string): number =>
    Math.max(CHINESE_DIGITS.indexOf(one), 0);
  return 10 * (tens === "" ? 1 : digit(tens)) + (ones === "" ? 0 : digit(ones));
}
