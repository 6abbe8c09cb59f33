/**
 * @file JSON Lines, read and written by the line so that memory stays flat.
 *
 * A bad line is an error with the file, the line number and what is wrong; it is
 * never skipped. A file is read once, from its start to its end, so that a pipe is as
 * good; the path "-" is standard input.
 *
 * What passes through stays what it was: whole numbers beyond 2^53 are read as
 * `bigint` and written digit by digit. Half of a surrogate pair, which no UTF-8 file
 * can hold, is written as U+FFFD.
 */
import { createReadStream } from "node:fs";
import { AutodidactError, messageOf } from "./error.js";
import { writeFileAtomic } from "./storage.js";

/** Longest line accepted, in bytes. A longer one is almost surely the wrong file. */
export const MAX_LINE_BYTES = 64 * 1024 * 1024;

export interface JsonLine {
  /** 1-based. */
  readonly line: number;
  readonly value: unknown;
}

/**
 * Reads one value a line; empty lines are passed over.
 * @throws BAD_INPUT with file and line: unreadable, not UTF-8, not JSON, too long
 */
export async function* readJsonLines(
  path: string,
  chunks: AsyncIterable<Buffer> = readChunks(path),
): AsyncGenerator<JsonLine> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let line = 0;
  for await (const bytes of readLines(path, chunks)) {
    line++;
    let text: string;
    try {
      text = decoder.decode(bytes);
    } catch (cause) {
      throw badLine({
        path,
        line,
        problem: "is not valid UTF-8",
        remedy: "Re-encode the file as UTF-8.",
        cause,
      });
    }
    if (text.trim() === "") continue;
    let value: unknown;
    try {
      value = parseRow(text);
    } catch (cause) {
      throw badLine({
        path,
        line,
        problem: `is not JSON: ${messageOf(cause)}`,
        remedy:
          "Each line must be one complete JSON value; mend or remove this one.",
        cause,
      });
    }
    yield { line, value };
  }
}

/** Writes one value a line, all or nothing. @throws STORAGE */
export async function writeJsonLines(
  path: string,
  rows: Iterable<unknown> | AsyncIterable<unknown>,
): Promise<void> {
  await writeFileAtomic(path, encodeLines(rows));
}

async function* encodeLines(
  rows: Iterable<unknown> | AsyncIterable<unknown>,
): AsyncGenerator<string> {
  let buffer = "";
  for await (const row of rows) {
    buffer += `${rowText(row)}\n`;
    if (buffer.length > 1 << 16) {
      yield buffer;
      buffer = "";
    }
  }
  yield buffer;
}

/** Whether `path` stands for standard input, which can be read only once. */
export function isStandardInput(path: string): boolean {
  return path === "-" || path === "/dev/stdin";
}

let standardInputWasRead = false;

/** The bytes of a file, or of standard input for "-". @throws BAD_INPUT when they cannot be read, or not again */
export async function* readChunks(path: string): AsyncGenerator<Buffer> {
  if (isStandardInput(path)) {
    if (standardInputWasRead)
      throw new AutodidactError(
        "BAD_INPUT",
        `${path} is standard input, which can be read only once and has been read already. Give a file instead, here or there.`,
        { path },
      );
    standardInputWasRead = true;
  }
  try {
    yield* createReadStream(path, {
      highWaterMark: 1 << 18,
      // By its number, for a socket has no path that could be opened.
      ...(isStandardInput(path) ? { fd: 0, autoClose: false } : {}),
    }) as AsyncIterable<Buffer>;
  } catch (cause) {
    throw new AutodidactError(
      "BAD_INPUT",
      `Cannot read ${path}: ${messageOf(cause)}. Check the path.`,
      { path },
      { cause },
    );
  }
}

async function* readLines(
  path: string,
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<Uint8Array> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let line = 1;
  for await (const chunk of chunks) {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(10, start);
      if (end < 0) break;
      pending.push(chunk.subarray(start, end));
      yield Buffer.concat(pending);
      pending = [];
      pendingBytes = 0;
      start = end + 1;
      line++;
    }
    const rest = chunk.subarray(start);
    pending.push(rest);
    pendingBytes += rest.byteLength;
    if (pendingBytes > MAX_LINE_BYTES) {
      throw badLine({
        path,
        line,
        problem: `is longer than ${MAX_LINE_BYTES / 1048576} MiB`,
        remedy:
          "This does not look like JSON Lines; check that the right file was given.",
      });
    }
  }
  if (pendingBytes > 0) yield Buffer.concat(pending);
}

/** Marks a whole number between its source and its value. */
const EXACT = "\u0000integer";
const STRING_OR_NUMBER = /"(?:[^"\\]|\\[^])*"|-?\d[\d.eE+-]*/gu;

/** The value of JSON text; whole numbers beyond 2^53 as `bigint`. @throws SyntaxError, or BAD_INPUT for a number that is not finite */
export function parseRow(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!/\d{16}|\de\+?\d{3}/iu.test(text)) return value;
  const marked = text.replace(STRING_OR_NUMBER, (token) => {
    if (token.startsWith('"')) return token;
    const number = Number(token);
    if (!Number.isFinite(number))
      throw new AutodidactError(
        "BAD_INPUT",
        `the number ${token.slice(0, 40)} is too large`,
      );
    return /^-?\d+$/u.test(token) && !Number.isSafeInteger(number)
      ? JSON.stringify({ [EXACT]: token })
      : token;
  });
  return JSON.parse(marked, (_, inner: unknown) =>
    inner !== null && typeof inner === "object" && EXACT in inner
      ? BigInt(String(inner[EXACT]))
      : inner,
  );
}

/** `value` as JSON text in well-formed Unicode, `bigint` as a number. */
export function rowText(value: unknown): string {
  const text = exactText(value);
  // JSON.stringify writes half pairs in this way, and nothing else.
  if (!/\\ud[89a-f]/u.test(text)) return text;
  return text.replace(/\\(?:ud[89a-f][0-9a-f]{2}|[^])/gu, (escape) =>
    escape.length > 2 ? "\\ufffd" : escape,
  );
}

function exactText(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
  }
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "bigint" ? `${EXACT}${inner}` : inner,
  ).replace(/"\\u0000integer(-?\d+)"/gu, "$1");
}

function badLine(problem: {
  readonly path: string;
  readonly line: number;
  readonly problem: string;
  readonly remedy: string;
  readonly cause?: unknown;
}): AutodidactError {
  return new AutodidactError(
    "BAD_INPUT",
    `${problem.path}, line ${problem.line}: ${problem.problem}. ${problem.remedy}`,
    { path: problem.path, line: problem.line },
    { cause: problem.cause },
  );
}
