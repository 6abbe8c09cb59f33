/**
 * @file Patterns of a `tokenizer.json` that may take longer than anyone waits, or end the
 * process.
 *
 * The library's regular expressions go back and try again, and it ends the process where
 * one has been tried in too many ways from one place. So the ways are counted, for the
 * worst of texts: a repetition without bound can end at every character (`.*.*=` is tried
 * in n² ways), and a group that is repeated can be cut in as many ways as its turns have
 * lengths (`(a+)+`, `(a|aa)*`, `(a?){30}`). What comes after the last thing that can fail
 * is not tried again, so the patterns of models in use are all far below the bound.
 */

/** Longer than any in use, by far; the library would compile it for minutes. */
const LONGEST = 20_000;

/** Characters that a repetition without bound is thought to go over. */
const STRETCH = 100_000;

/** Where the library gives up: Oniguruma's limit of retries in a match. */
const MOST_WAYS = 10_000_000;

/**
 * What is wrong with the pattern of a Split or Replace, if anything is.
 * @param pattern `{String: …}` or `{Regex: …}`; anything else is left to the library
 */
export function checkPattern(pattern: unknown): string | null {
  if (typeof pattern !== "object" || pattern === null) return null;
  if ("String" in pattern && pattern.String === "")
    return "the pattern is an empty text";
  if (!("Regex" in pattern) || typeof pattern.Regex !== "string") return null;
  const { Regex: source } = pattern;
  if (source === "") return "the regular expression is empty";
  if (source.length > LONGEST)
    return `the regular expression is longer than ${LONGEST} characters`;
  return waysOf(source, STRETCH) > MOST_WAYS
    ? `the regular expression ${source.slice(0, 80)} can go over one text in too many ways, which can take for ever`
    : null;
}

/** In how many ways something can be tried, at most. */
interface Ways {
  /** Up to the last thing in it that can fail. */
  readonly failing: number;
  /** After that; tried again only where something later fails. */
  readonly open: number;
  /** Whether it can go over texts of different lengths. */
  readonly varies: boolean;
}

const ONE: Ways = { failing: 1, open: 1, varies: false };

/** What a repetition may follow. */
interface Part extends Ways {
  readonly isOptional: boolean;
  readonly isGroup: boolean;
}

/** What is being read between two parentheses. */
interface Group {
  /** Looks around, or is atomic: it is left for good once it has matched. */
  readonly isAround: boolean;
  /** The alternatives before this one. */
  others: Ways | null;
  /** This alternative up to its last part. */
  before: Ways;
  last: Part | null;
}

/** A comment or flags, a group's beginning and end, an alternative, a repetition with its marks, a class's beginning and end, or a character. */
const PIECE =
  /(?<nothing>\(\?#[^)\]]*\)|\(\?[a-zA-Z-]+\))|(?<around>\(\?(?:<?[=!]|>))|(?<open>\((?:\?(?:<\w+>|[a-zA-Z-]*:))?)|(?<close>\))|(?<or>\|)|(?<repeats>(?:[*+?]|\{(?:\d+(?:,\d*)?|,\d+)\})[?+]*)|(?<inside>\[)|(?<outside>\])|\\[pP]\{[^}]*\}|\\x\{[^}]*\}|\\.|./gsu;

/**
 * In how many ways a regular expression can be tried from one place before it fails, at
 * most; infinite where turns of several lengths are repeated without bound.
 * @param stretch characters that a repetition without bound can go over
 */
export function waysOf(source: string, stretch: number): number {
  const groups: Group[] = [];
  let here: Group = begin(false);
  let depth = 0;
  for (const { 0: piece, groups: is = {} } of source.matchAll(PIECE)) {
    if (is["inside"] && depth++ === 0) add(here, ONE, false);
    else if (depth > 0) depth -= is["outside"] ? 1 : 0;
    else if (is["around"] || is["open"]) {
      groups.push(here);
      here = begin(is["around"] !== undefined);
    } else if (is["close"]) {
      const closed = here;
      here = groups.pop() ?? begin(false);
      const ways = alternatives(closed);
      add(here, closed.isAround ? { ...ways, open: 1 } : ways, true);
    } else if (is["or"]) here.others = alternatives(here);
    else if (is["repeats"])
      here.last = here.last && repeated(here.last, piece, stretch);
    else if (!is["nothing"]) add(here, ONE, false);
  }
  return [here, ...groups].reduce(
    (sum, group) => sum + alternatives(group).failing,
    0,
  );
}

function begin(isAround: boolean): Group {
  return { isAround, others: null, before: ONE, last: null };
}

function add(group: Group, ways: Ways, isGroup: boolean): void {
  settle(group);
  group.last = { ...ways, isOptional: false, isGroup };
}

/** What can fail makes what was open before it be tried again. */
function settle(group: Group): void {
  const { before, last } = group;
  if (last === null) return;
  const again = last.isOptional ? 1 : before.open;
  group.before = {
    failing: before.failing * again * last.failing,
    open: last.isOptional ? before.open * last.open : last.open,
    varies: before.varies || last.varies,
  };
  group.last = null;
}

/** All alternatives so far; the next one begins. */
function alternatives(group: Group): Ways {
  settle(group);
  const { others, before } = group;
  group.before = ONE;
  return others === null
    ? before
    : {
        failing: others.failing + before.failing,
        open: others.open + before.open,
        varies: true,
      };
}

function repeated(part: Part, piece: string, stretch: number): Part {
  const [, first = "", comma, second = ""] =
    /^\{(\d*)(?:(,)(\d*))?\}/.exec(piece) ?? [];
  const isCounted = piece.startsWith("{");
  const least = isCounted ? Number(first) : piece.startsWith("+") ? 1 : 0;
  const most = isCounted
    ? comma && !second
      ? Infinity
      : Number(second || first)
    : piece.startsWith("?")
      ? 1
      : Infinity;
  const turns = Math.min(most, stretch);
  const each = part.failing * part.open;
  // Turns of several lengths without bound are refused wherever they stand.
  const inTurns =
    part.isGroup && most === Infinity && part.varies
      ? Infinity
      : each ** Math.max(0, turns - 1);
  // In Oniguruma {1,3}+ is a repetition of the repetition.
  const isTwice = isCounted && piece.endsWith("+");
  return {
    failing: part.failing * inTurns,
    open: isTwice ? Infinity : part.open * (turns - Math.min(least, turns) + 1),
    varies: part.varies || least !== most,
    isOptional: least === 0,
    isGroup: true,
  };
}
