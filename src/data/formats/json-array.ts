/**
 * @file Reading a JSON file that is one array of rows, or objects that go on over
 * several lines each, with the line of each row.
 *
 * `JSON.parse` tells no line numbers, so the text is cut into its rows first, minding
 * strings and nesting, and each row is parsed by itself.
 */
import { AutodidactError } from "../../foundation/error.js";
import {
  parseRow,
  rowProblem,
  type JsonLine,
} from "../../foundation/json-lines.js";
import { rowError } from "./field-errors.js";

/** Longest file read whole; longer ones belong in JSON Lines, which is read by the line. */
export const MAX_ARRAY_BYTES = 256 * 1024 * 1024;

/** Whether `line` begins an object or a list that it does not end. */
export function isUnfinished(line: string): boolean {
  let depth = 0;
  let inString = false;
  for (const { mark } of punctuation(line, 0)) {
    inString = mark === '"';
    depth += nesting(mark);
  }
  return depth > 0 && !inString;
}

/**
 * Elements of an array, or objects one behind the other, each with the line it begins on.
 * @param path where `chunks` come from, for messages
 * @throws BAD_INPUT
 */
export async function* readJsonDocument(
  path: string,
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<JsonLine> {
  for (const { source, line } of cutRows(await wholeText(path, chunks), path)) {
    try {
      yield { line, value: parseRow(source) };
    } catch (cause) {
      throw rowError(
        { path, line },
        `the entry that begins here ${rowProblem(cause)}`,
        "Mend or remove this entry.",
      );
    }
  }
}

/** All of a file as text. @throws BAD_INPUT when it is too large or not UTF-8 */
export async function wholeText(
  path: string,
  chunks: AsyncIterable<Buffer>,
): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    size += chunk.length;
    if (size > MAX_ARRAY_BYTES) {
      throw new AutodidactError(
        "BAD_INPUT",
        `${path} is larger than ${MAX_ARRAY_BYTES / 1048576} MiB, too large to be read as one JSON document. Convert it to JSON Lines, one object a line.`,
        { path },
      );
    }
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(
      Buffer.concat(parts),
    );
  } catch (cause) {
    throw new AutodidactError(
      "BAD_INPUT",
      `${path} is not valid UTF-8. Re-encode the file as UTF-8.`,
      { path },
      { cause },
    );
  }
}

interface Element {
  readonly source: string;
  readonly line: number;
}

function cutRows(text: string, path: string): Element[] {
  const opening = text.search(/[[{]/u);
  /** Where rows stand: inside the array, or in nothing. */
  const outside = text[opening] === "[" ? 1 : 0;
  const lineOf = lineCounter(text);
  const elements: Element[] = [];
  let start = opening + outside;
  let depth = outside;
  const lineOfRow = (end: number): number =>
    lineOf(start + Math.max(0, text.slice(start, end).search(/\S/u)));
  const take = (end: number): void => {
    elements.push({ source: text.slice(start, end), line: lineOfRow(end) });
    start = end;
  };
  let inString = false;
  for (const { at, mark } of punctuation(text, start)) {
    inString = mark === '"';
    depth += nesting(mark);
    if (depth < outside) {
      const empty =
        elements.length === 0 && text.slice(start, at).trim() === "";
      if (!empty) take(at);
      refuseTrailingText(text, at + 1, { path, lineOf });
      return elements;
    }
    if (mark === "," && depth === 1 && outside === 1) {
      take(at);
      start = at + 1;
    } else if (mark === "}" && depth === 0) take(at + 1);
  }
  if (outside === 0 && text.slice(start).trim() === "") return elements;
  throw rowError(
    { path, line: lineOfRow(text.length) },
    inString
      ? "the text of the entry that begins here has no closing quotation mark"
      : outside === 1
        ? "the array is not closed: the entry that begins here, or the final “]”, is incomplete"
        : "the object that begins here and goes on over several lines is not closed",
    "The file may have been cut off; mend its end.",
  );
}

/** What opens, closes and parts values of JSON text; `"` where a string has no end. */
function* punctuation(
  text: string,
  from: number,
): Generator<{ readonly at: number; readonly mark: string }> {
  let string: number | undefined;
  for (let at = from; at < text.length; at++) {
    const character = text.charAt(at);
    if (string !== undefined) {
      if (character === "\\") at++;
      else if (character === '"') string = undefined;
    } else if (character === '"') string = at;
    else if ("[]{},".includes(character)) yield { at, mark: character };
  }
  if (string !== undefined) yield { at: string, mark: '"' };
}

function nesting(mark: string): number {
  if (mark === "[" || mark === "{") return 1;
  return mark === "]" || mark === "}" ? -1 : 0;
}

function refuseTrailingText(
  text: string,
  from: number,
  where: { readonly path: string; readonly lineOf: (at: number) => number },
): void {
  const extra = text.slice(from).search(/\S/u);
  if (extra < 0) return;
  throw rowError(
    { path: where.path, line: where.lineOf(from + extra) },
    "there is text after the end of the array",
    "Remove it, or give JSON Lines with one row a line.",
  );
}

/** Line of a position; positions must be asked in rising order. */
function lineCounter(text: string): (at: number) => number {
  let line = 1;
  let counted = 0;
  return (at) => {
    for (; counted < at; counted++) {
      if (text.charCodeAt(counted) === 10) line++;
    }
    return line;
  };
}
