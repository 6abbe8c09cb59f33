/**
 * @file Sentences as NLTK's Punkt tokenizer cuts English (Kiss and Strunk 2006,
 * "Unsupervised Multilingual Sentence Boundary Detection", Computational Linguistics 32).
 *
 * A mark at the end of a word breaks unless the word is an abbreviation, a number or an
 * initial, and what stands after it does not look like a beginning. What it has learned
 * of words lies in `languages/punkt-english.json.gz`.
 */
import { readLanguageData } from "../language-data.js";
import { isLower, isUpper, SPACE, strip } from "./strings.js";

interface Punkt {
  readonly abbreviations: ReadonlySet<string>;
  /** "first next", which no sentence ends between. */
  readonly collocations: ReadonlySet<string>;
  readonly starters: ReadonlySet<string>;
  /** Bits of `SEEN` by word. */
  readonly contexts: ReadonlyMap<string, number>;
}

/** How a word was seen in training. */
const SEEN = { capital: 1, capitalInside: 2, small: 4, smallFirst: 8 };

interface PunktFile {
  readonly abbreviations: readonly string[];
  readonly collocations: readonly string[];
  readonly starters: readonly string[];
  /** Words between spaces, by the sum of their bits. */
  readonly contexts: Readonly<Record<string, string>>;
}

let loaded: Punkt | undefined;

function punkt(): Punkt {
  if (loaded !== undefined) return loaded;
  const file = readLanguageData<PunktFile>("punkt-english");
  loaded = {
    abbreviations: new Set(file.abbreviations),
    collocations: new Set(file.collocations),
    starters: new Set(file.starters),
    contexts: new Map(
      Object.entries(file.contexts).flatMap(([bits, words]) =>
        words.split(" ").map((word) => [word, Number(bits)] as const),
      ),
    ),
  };
  return loaded;
}

const NON_WORD = "[)\";}\\]*:@'({[\\u2018\\u2019\\u201c\\u201d\\xab\\xbb!?]";
// As `\s` of PyPI's `regex`, which has no separators of files.
const BLANK = SPACE.replace("\\x1c-\\x20", "\\x20");
const SEVERAL = `(?:-{2,}|\\.{2,}|(?:\\.[${BLANK}]){2,}\\.)`;
const END = `[${BLANK}]|(?![^])|${NON_WORD}|${SEVERAL}`;
const TOKEN = new RegExp(
  `${SEVERAL}|(?=[^("\`{[:;&#*@)}\\]\\-,])[^${BLANK}]+?(?=${END}|,(?=${END}))|[^${BLANK}]`,
  "gu",
);
const PERIOD_CONTEXT = new RegExp(
  `[.?!](?=(?<after>${NON_WORD}|[${BLANK}]+(?<next>[^${BLANK}]+)))`,
  "dgu",
);
const CLOSING = new RegExp(
  `^["')\\]}\\u2018\\u2019\\u201c\\u201d\\xab\\xbb]+?(?:[${BLANK}]+|(?=--)|(?![^\\n]))`,
  "u",
);
const LETTER = "[\\p{Alphabetic}\\p{M}\\p{Pc}\\p{Join_Control}]";
const INITIAL = new RegExp(`^${LETTER}\\.$`, "u");

/** Sentences of English text, without the white space between them. */
export function sentences(text: string): string[] {
  return realigned(text, slices(text)).map(([from, to]) =>
    text.slice(from, to),
  );
}

type Slice = readonly [from: number, to: number];

/** Cuts after each mark whose surroundings hold a break. */
function slices(text: string): Slice[] {
  const found: Slice[] = [];
  let last = 0;
  for (const { end, next, context } of candidates(text)) {
    if (!breaks(context)) continue;
    found.push([last, end]);
    last = next ?? end;
  }
  return [...found, [last, strip(text, null, "right").length]];
}

interface Candidate {
  /** Behind the mark. */
  readonly end: number;
  /** Where the next word begins, if white space stands between. */
  readonly next: number | undefined;
  /** The word before the mark, the mark, and what follows. */
  readonly context: string;
}

/** Marks that may end a sentence; of several after one word the last. */
function candidates(text: string): Candidate[] {
  const found: Candidate[] = [];
  let before: Slice = [0, 0];
  let earlier: RegExpExecArray | undefined;
  const take = (match: RegExpExecArray): void => {
    found.push({
      end: match.index + match[0].length,
      next: match.indices?.groups?.["next"]?.[0],
      context: `${text.slice(...before)}${match[0]}${match.groups?.["after"] ?? ""}`,
    });
  };
  for (const match of text.matchAll(PERIOD_CONTEXT)) {
    const gap = text.slice(before[1], match.index);
    const blank = lastBlank(gap);
    const word: Slice = [
      blank > 0 ? before[1] + blank + 1 : before[0],
      match.index,
    ];
    if (earlier !== undefined && before[1] <= word[0]) take(earlier);
    earlier = match;
    before = word;
  }
  if (earlier !== undefined) take(earlier);
  return found;
}

/** Index of the last ASCII white space; 0 for none. */
function lastBlank(text: string): number {
  for (let at = text.length - 1; at >= 0; at--)
    if (" \t\n\r\v\f".includes(text.charAt(at))) return at;
  return 0;
}

/** Closing quotes and brackets go to the sentence before them. */
function realigned(text: string, cut: readonly Slice[]): Slice[] {
  const found: Slice[] = [];
  let moved = 0;
  cut.forEach(([start, end], i) => {
    const from = Math.min(start + moved, text.length);
    const next = cut[i + 1];
    const closing =
      next === undefined ? null : CLOSING.exec(text.slice(...next));
    if (next !== undefined && closing !== null) {
      found.push([from, next[0] + strip(closing[0], null, "right").length]);
      moved = closing[0].length;
      return;
    }
    moved = next === undefined ? moved : 0;
    if (end > from) found.push([from, end]);
  });
  return found;
}

/** A token with what the passes have found out. */
interface Token {
  readonly text: string;
  /** In small letters, numbers as one. */
  readonly type: string;
  ends: boolean;
  abbreviation: boolean;
}

const NUMBER = /^-?[.,]?\d[\d,.-]*\.?(?=\n?$)/u;
const NUMBER_TYPE = "##number##";

/** Whether a break is followed by another token. */
function breaks(context: string): boolean {
  const tokens = context
    .split("\n")
    .filter((line) => strip(line) !== "")
    .flatMap((line) => line.match(TOKEN) ?? [])
    .map(firstPass);
  return tokens.some((token, i) => {
    const next = tokens[i + 1];
    if (next === undefined) return false;
    if (token.text.endsWith(".")) secondPass(token, next);
    return token.ends;
  });
}

function firstPass(text: string): Token {
  const type = text.toLowerCase().replace(NUMBER, NUMBER_TYPE);
  const mark = ".?!".includes(text) && text.length === 1;
  const period = !mark && text.endsWith(".") && !text.endsWith("..");
  const word = text.slice(0, -1).toLowerCase();
  const { abbreviations } = punkt();
  const abbreviation =
    period &&
    (abbreviations.has(word) ||
      abbreviations.has(word.split("-").at(-1) ?? word));
  return { text, type, ends: mark || (period && !abbreviation), abbreviation };
}

/** Looks at the token behind a period. */
function secondPass(token: Token, next: Token): void {
  const type = withoutPeriod(token.type);
  const nextType = next.ends ? withoutPeriod(next.type) : next.type;
  const { collocations, starters, contexts } = punkt();
  const initial = INITIAL.test(token.text);
  const context = contexts.get(nextType) ?? 0;
  const capital = isUpper(Array.from(next.text)[0] ?? "");
  const ellipsis = /^\.\.+$/u.test(token.text);
  if (collocations.has(`${type} ${nextType}`)) {
    token.ends = false;
    return;
  }
  const begins = looksLikeBeginning(next, context);
  if (
    (token.abbreviation || ellipsis) &&
    !initial &&
    (begins === true || (capital && starters.has(nextType)))
  ) {
    token.ends = true;
    return;
  }
  if (!initial && type !== NUMBER_TYPE) return;
  const neverSmall = initial && capital && (context & SEEN.small) === 0;
  if (begins === false || (begins === null && neverSmall)) token.ends = false;
}

/** By how the word was written in training; null for no opinion. */
function looksLikeBeginning(token: Token, context: number): boolean | null {
  if (";:,.!?".includes(token.text)) return false;
  const first = Array.from(token.text)[0] ?? "";
  const seen = (bit: number): boolean => (context & bit) !== 0;
  if (isUpper(first) && seen(SEEN.small) && !seen(SEEN.capitalInside))
    return true;
  if (isLower(first) && (seen(SEEN.capital) || !seen(SEEN.smallFirst)))
    return false;
  return null;
}

function withoutPeriod(type: string): string {
  return type.length > 1 && type.endsWith(".") ? type.slice(0, -1) : type;
}
