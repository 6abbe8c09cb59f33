/**
 * @file Reading a JSON file that is one array of rows, with the line of each row.
 *
 * `JSON.parse` tells no line numbers, so the array is cut into its elements first,
 * minding strings and nesting, and each element is parsed by itself.
 */
import { AutodidactError, messageOf } from "../../foundation/error.js";
import { parseRow, type JsonLine } from "../../foundation/json-lines.js";
import { rowError } from "./field-errors.js";

/** Longest file read whole; longer ones belong in JSON Lines, which is read by the line. */
export const MAX_ARRAY_BYTES = 256 * 1024 * 1024;

/**
 * Elements of an array, each with the line it begins on.
 * @param path where `chunks` come from, for messages
 * @throws BAD_INPUT
 */
export async function* readJsonArray(
  path: string,
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<JsonLine> {
  for (const { source, line } of cutArray(
    await wholeText(path, chunks),
    path,
  )) {
    try {
      yield { line, value: parseRow(source) };
    } catch (cause) {
      throw rowError(
        { path, line },
        `the entry that begins here is not JSON: ${messageOf(cause)}`,
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
        `${path} is larger than ${MAX_ARRAY_BYTES / 1048576} MiB, too large for one JSON array. Convert it to JSON Lines, one object a line.`,
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

function cutArray(text: string, path: string): Element[] {
  const opening = text.indexOf("[");
  const lineOf = lineCounter(text);
  const elements: Element[] = [];
  let start = opening + 1;
  let depth = 1;
  let inString = false;
  const take = (end: number): void => {
    const source = text.slice(start, end);
    const line = lineOf(start + Math.max(0, source.search(/\S/u)));
    elements.push({ source, line });
    start = end + 1;
  };
  for (let at = opening + 1; at < text.length; at++) {
    const character = text[at];
    if (inString) {
      if (character === "\\") at++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "[" || character === "{") depth++;
    else if (character === "]" || character === "}") {
      depth--;
      if (depth === 0) {
        const empty =
          elements.length === 0 && text.slice(start, at).trim() === "";
        if (!empty) take(at);
        refuseTrailingText(text, at + 1, { path, lineOf });
        return elements;
      }
    } else if (character === "," && depth === 1) take(at);
  }
  throw rowError(
    {
      path,
      line: lineOf(start + Math.max(0, text.slice(start).search(/\S/u))),
    },
    inString
      ? "the text of the entry that begins here has no closing quotation mark"
      : "the array is not closed: the entry that begins here, or the final “]”, is incomplete",
    "The file may have been cut off; mend its end.",
  );
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
