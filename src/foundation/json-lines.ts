/**
 * @file JSON Lines, read and written by the line so that memory stays flat.
 *
 * A bad line is an error with the file, the line number and what is wrong; it is
 * never skipped.
 */
import { createReadStream } from "node:fs";
import { AutodidactError } from "./error.js";
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
export async function* readJsonLines(path: string): AsyncGenerator<JsonLine> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let line = 0;
  for await (const bytes of readLines(path)) {
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
      value = JSON.parse(text);
    } catch (cause) {
      throw badLine({
        path,
        line,
        problem: `is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`,
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
    buffer += `${JSON.stringify(row)}\n`;
    if (buffer.length > 1 << 16) {
      yield buffer;
      buffer = "";
    }
  }
  yield buffer;
}

async function* readLines(path: string): AsyncGenerator<Uint8Array> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let line = 1;
  try {
    for await (const chunk of createReadStream(path, {
      highWaterMark: 1 << 18,
    }) as AsyncIterable<Buffer>) {
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
  } catch (cause) {
    if (cause instanceof AutodidactError) throw cause;
    throw new AutodidactError(
      "BAD_INPUT",
      `Cannot read ${path}: ${cause instanceof Error ? cause.message : String(cause)}. Check the path.`,
      { path },
      { cause },
    );
  }
  if (pendingBytes > 0) yield Buffer.concat(pending);
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
