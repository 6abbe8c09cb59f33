/**
 * @file Reading a JSON file that is one array of rows, with the line of each row.
 *
 * `JSON.parse` tells no line numbers, so the array is cut into its elements first,
 * minding strings and nesting, and each element is parsed by itself.
 */
import { open, readFile, stat } from "node:fs/promises";
import { AutodidactError } from "../../foundation/error.js";
import type { JsonLine } from "../../foundation/json-lines.js";
import { rowError } from "./field-errors.js";

/** Longest file read whole; longer ones belong in JSON Lines, which is read by the line. */
export const MAX_ARRAY_BYTES = 256 * 1024 * 1024;

/** Elements of the array in `path`, each with the line it begins on. @throws BAD_INPUT */
export async function readJsonArray(
  path: string,
): Promise<readonly JsonLine[]> {
  const text = await readText(path);
  return cutArray(text, path).map(({ source, line }) => {
    try {
      return { line, value: JSON.parse(source) as unknown };
    } catch (cause) {
      throw rowError(
        { path, line },
        `the entry that begins here is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`,
        "Mend or remove this entry.",
      );
    }
  });
}

/** Longest white space before an array that is looked through. */
const LOOK_BYTES = 4096;

/** Whether the first visible character of `path` opens an array; false when it cannot be read. */
export async function beginsArray(path: string): Promise<boolean> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(
        Buffer.alloc(LOOK_BYTES),
        0,
        LOOK_BYTES,
      );
      return /^\s*\[/u.test(buffer.toString("utf8", 0, bytesRead));
    } finally {
      await file.close();
    }
  } catch {
    // Whoever reads the file says what is wrong with it.
    return false;
  }
}

async function readText(path: string): Promise<string> {
  let bytes: Buffer;
  try {
    const { size } = await stat(path);
    if (size > MAX_ARRAY_BYTES) {
      throw new AutodidactError(
        "BAD_INPUT",
        `${path} is larger than ${MAX_ARRAY_BYTES / 1048576} MiB, too large for one JSON array. Convert it to JSON Lines, one object a line.`,
        { path },
      );
    }
    bytes = await readFile(path);
  } catch (cause) {
    if (cause instanceof AutodidactError) throw cause;
    throw new AutodidactError(
      "BAD_INPUT",
      `Cannot read ${path}: ${cause instanceof Error ? cause.message : String(cause)}. Check the path.`,
      { path },
      { cause },
    );
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
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
  const opening = text.search(/\S/u);
  if (opening < 0) return [];
  const lineOf = lineCounter(text);
  if (text[opening] !== "[") {
    throw rowError(
      { path, line: lineOf(opening) },
      "the file is not a JSON array: it does not begin with “[”",
      "Give one array of rows, or JSON Lines with one row a line.",
    );
  }
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
