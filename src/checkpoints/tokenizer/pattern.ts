/**
 * @file Patterns of a `tokenizer.json` that may take longer than anyone waits.
 *
 * The library's regular expressions go back and try again. A group that is repeated
 * without bound and whose turns can have more than one length can be cut in more ways
 * than can be tried (`(a+)+`, `(a|aa)*`): such patterns are refused, whatever the text.
 * No pattern of a model in use needs one.
 */

/** Longer than any in use, by far; the library would compile it for minutes. */
const LONGEST = 20_000;

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
  return variableRepetition(source)
    ? `the regular expression ${source.slice(0, 80)} repeats a group of varying length without bound, which can take for ever`
    : null;
}

/** An escape, a class's beginning or end, a group's beginning or end, a repetition, an alternative. */
const PIECE =
  /\\[pP]\{[^}]*\}|\\x\{[^}]*\}|\\.|\(\?#[^)]*\)|\(\?[a-zA-Z-]+\)|\[|\]|\(|\)|\{(?<least>\d*)(?:(?<comma>,)(?<most>\d*))?\}|[*+?|]/gsu;

/** Whether an unboundedly repeated group has turns of different lengths. */
function variableRepetition(source: string): boolean {
  // What is open, and whether it holds something of varying length.
  const groups: boolean[] = [false];
  let inClass = 0;
  let closed: boolean | null = null;
  let end = 0;
  for (const match of source.matchAll(PIECE)) {
    const [piece] = match;
    const group: boolean | null = match.index === end ? closed : null;
    closed = null;
    end = match.index + piece.length;
    if (piece === "[") inClass++;
    else if (inClass > 0) {
      if (piece === "]") inClass--;
    } else if (piece === "(") {
      groups.push(false);
      // The question mark of (?: and its like is no repetition.
      if (source[end] === "?") end++;
    } else if (piece === ")") {
      closed = groups.pop() ?? false;
      if (groups.length === 0) groups.push(false);
      if (closed) groups[groups.length - 1] = true;
    } else if (isRepetition(piece)) {
      if (piece === "?" && source[match.index - 1] === "(") continue;
      const { least = "", comma = "", most = "" } = match.groups ?? {};
      const isFixed = piece.startsWith("{") && (comma === "" || least === most);
      const isUnbounded =
        piece === "*" || piece === "+" || (comma !== "" && most === "");
      if (isUnbounded && group === true) return true;
      if (!isFixed) groups[groups.length - 1] = true;
      // A lazy or possessive mark, or a repetition of the repetition.
      if (group !== null) closed = group || !isFixed;
    } else if (piece === "|") groups[groups.length - 1] = true;
  }
  return false;
}

function isRepetition(piece: string): boolean {
  return (
    piece === "*" || piece === "+" || piece === "?" || piece.startsWith("{")
  );
}
