/**
 * @file Patterns of Python's `re` as patterns of JavaScript: keywords of benchmarks are
 * searched as patterns, whatever characters they have.
 *
 * Translated are escapes, bare braces and brackets, the classes and ends that differ
 * beyond ASCII, and the letters i and s, which Python's IGNORECASE also finds in
 * “ı”, “İ” and “ſ”. Not known are the constructs that only Python has, such as `(?P<…>…)`.
 */
import { SPACE, WORD } from "./strings.js";

const CLASSES: Readonly<Record<string, string>> = {
  w: WORD,
  s: SPACE,
  d: "\\p{Nd}",
};

const SYNTAX = /^[$()*+./?[\\\]^{|}]$/u;
/** A count of repetitions: “{” opens nothing else. */
const COUNT = /^\{(?:\d+(?:,\d*)?|,\d+)\}/u;
const EDGE = `(?:(?<=[${WORD}])(?![${WORD}])|(?<![${WORD}])(?=[${WORD}]))`;

/**
 * Finds what Python's `re` finds with IGNORECASE, all matches of it.
 * @throws SyntaxError for what is no pattern
 */
export function ignoringCase(pattern: string): RegExp {
  return new RegExp(translated(pattern, FOLDS), "giu");
}

/** Letters that stand for others too. */
type Folds = Readonly<Record<string, string>>;

const FOLDS: Folds = { i: "iIıİ", I: "iIıİ", s: "sSſ", S: "sSſ" };

/** The source of a pattern for the flag `u`. */
export function translated(pattern: string, folds: Folds = {}): string {
  let source = "";
  let inClass = false;
  const characters = Array.from(pattern);
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? "";
    if (character === "\\") {
      at++;
      source += escaped(characters[at], inClass);
    } else if (inClass) {
      if (character === "]") inClass = false;
      source += character === "[" ? "\\[" : (folds[character] ?? character);
    } else if (character === "[") {
      inClass = true;
      source += character;
      // A bracket that comes first is one of the class.
      if (characters[at + 1] === "^") source += characters[++at];
      if (characters[at + 1] === "]") {
        source += "\\]";
        at++;
      }
    } else {
      const rest = character === "{" ? characters.slice(at).join("") : "";
      const count = COUNT.exec(rest)?.[0];
      const fold = folds[character];
      source += fold === undefined ? plain(character, count) : `[${fold}]`;
      at += (count?.length ?? 1) - 1;
    }
  }
  return source;
}

/** @param count what a brace opens, where it is a count */
function plain(character: string, count: string | undefined): string {
  // Without a lower bound, Python counts from 0.
  if (count !== undefined) return count.replace("{,", "{0,");
  if (character === ".") return "[^\\n]";
  if (character === "$") return "(?=\\n?(?![^]))";
  if (/[\]{}]/u.test(character)) return `\\${character}`;
  return character;
}

function escaped(character: string | undefined, inClass: boolean): string {
  if (character === undefined) return "\\";
  const set = CLASSES[character];
  if (set !== undefined) return inClass ? set : `[${set}]`;
  const unset = CLASSES[character.toLowerCase()];
  if (unset !== undefined && !inClass) return `[^${unset}]`;
  if (character === "b" && !inClass) return EDGE;
  if (character === "A") return "(?<![^])";
  if (character === "Z") return "(?![^])";
  if (/^[\d\p{L}]$/u.test(character)) return `\\${character}`;
  return SYNTAX.test(character) || character === "-"
    ? `\\${inClass || character !== "-" ? character : "x2d"}`
    : character;
}
