/**
 * @file JSON Lines, read and written by the line so that memory stays flat.
 *
 * A bad line is an error with the file, the line number and what is wrong; it is
 * never skipped. A file is read once, from its start to its end, so that a pipe is as
 * good; the path "-" is standard input.
 *
 * What passes through stays what it was: whole numbers beyond 2^53 are read as
 * `bigint` and written digit by digit; of other numbers (`1.0`, `1e5`, `-0`) the object
 * or list remembers how they were written, as long as they are there with that value.
 * Half of a surrogate pair, which no UTF-8 file can hold, is written as U+FFFD.
 */
import { randomUUID } from "node:crypto";
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
        problem: rowProblem(cause),
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

/** Marks a number between its source and its value; no text of a file can know it. */
const EXACT = `number ${randomUUID()} `;
const WRITTEN_NUMBER = new RegExp(`"${EXACT}(-?\\d[\\d.eE+-]*)"`, "gu");
const NUMBER = /-?\d[\d.eE+-]*/u;
const BRACKET = /[[\]{}]/u;
const OBJECT_OR_COLON = /[{}:]/u;
/** What every number has that JavaScript would write otherwise, and some others. */
const UNUSUAL_NUMBER = /\d{16}|\.\d*0(?!\d)|\de|-0(?![.\d])/iu;

const BACKSLASH = 0x5c;
type Row = Readonly<Record<string, unknown>>;

/** How numbers of an object or a list were written, by key; spreading takes it along. */
const WRITTEN = Symbol("numbers as written");
interface Holder {
  [WRITTEN]?: Readonly<Record<string, string>>;
}
/** Whether any number of this process has to be written as it was read. */
let someWritten = false;

/** Lists and objects within each other; whoever reads or writes a row calls itself for each. */
const MOST_NESTED = 500;

/**
 * The value of JSON text; whole numbers beyond 2^53 as `bigint`.
 * @throws SyntaxError, or BAD_INPUT for a number that is not finite, for endless nesting and for a key that an object has twice
 */
export function parseRow(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (text.length > 2 * MOST_NESTED) requireShallow(text);
  // Two readings that agree spare nearly every row the search.
  if (mostKeys(text) !== countKeys(value)) requireSingleKeys(text);
  if (!UNUSUAL_NUMBER.test(text)) return value;
  let marked = "";
  let from = 0;
  for (const { at, token } of tokens(text, NUMBER)) {
    if (token.startsWith('"')) continue;
    const number = Number(token);
    if (!Number.isFinite(number))
      throw new AutodidactError(
        "BAD_INPUT",
        `has the number ${token.slice(0, 40)}, which is too large`,
      );
    if (JSON.stringify(number) === token) continue;
    marked += text.slice(from, at) + JSON.stringify({ [EXACT]: token });
    from = at + token.length;
  }
  return JSON.parse(marked + text.slice(from), revive);
}

/** Each string of JSON text and what matches `outside` between them, in order. */
function* tokens(
  text: string,
  outside: RegExp,
): Generator<{ readonly at: number; readonly token: string }> {
  const pattern = new RegExp(`"|${outside.source}`, "gu");
  for (let found; (found = pattern.exec(text)) !== null;) {
    // No pattern takes a string whole: those of megabytes exhaust its stack.
    if (found[0] === '"') pattern.lastIndex = endOfString(text, found.index);
    const token = text.slice(found.index, pattern.lastIndex);
    yield { at: found.index, token };
  }
}

/** Index behind the string that opens at `start`. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end + 1;
}

function isEscaped(text: string, at: number): boolean {
  let before = at - 1;
  while (text.charCodeAt(before) === BACKSLASH) before--;
  return (at - before) % 2 === 0;
}

/** What is wrong with text that `parseRow` refused, to stand behind its place. */
export function rowProblem(cause: unknown): string {
  return cause instanceof AutodidactError
    ? cause.message
    : `is not JSON: ${messageOf(cause)}`;
}

function revive(this: Holder, key: string, inner: unknown): unknown {
  if (inner === null || typeof inner !== "object" || !(EXACT in inner))
    return inner;
  const written = String((inner as Readonly<Record<string, unknown>>)[EXACT]);
  const number = Number(written);
  if (/^-?\d+$/u.test(written) && !Number.isSafeInteger(number))
    return BigInt(written);
  someWritten = true;
  this[WRITTEN] = { ...this[WRITTEN], [key]: written };
  return number;
}

/** Whether the number at `key` is whole and not written as another (`1.0`, `1e5`, `-0`). */
export function isWholeNumber(row: object, key: string): boolean {
  const written = (row as Holder)[WRITTEN]?.[key];
  const value = (row as Row)[key];
  return Number.isSafeInteger(value) && Number(written ?? NaN) !== value;
}

/** `copy`, whose numbers are written as those in the same places of what it was made from. */
export function writtenAs<T>(copy: T, original: unknown): T {
  if (!someWritten || !isHolder(copy) || !isHolder(original)) return copy;
  if (copy === original) return copy;
  if (original[WRITTEN] !== undefined)
    Object.assign(copy, { [WRITTEN]: original[WRITTEN] });
  const members = new Map(Object.entries(original));
  for (const [key, member] of Object.entries(copy))
    writtenAs(member, members.get(key));
  return copy;
}

function isHolder(value: unknown): value is Holder {
  return typeof value === "object" && value !== null;
}

/** @throws BAD_INPUT */
function requireShallow(text: string): void {
  let depth = 0;
  for (const { token } of tokens(text, BRACKET)) {
    if (token === "[" || token === "{") depth++;
    else if (token === "]" || token === "}") depth--;
    if (depth > MOST_NESTED)
      throw new AutodidactError(
        "BAD_INPUT",
        `has lists and objects nested more than ${MOST_NESTED} deep`,
      );
  }
}

/** The keys of all objects in JSON text, or more: a string may look like one that begins with a colon. */
function mostKeys(text: string): number {
  let keys = 0;
  for (let at = text.indexOf(":"); at >= 0; at = text.indexOf(":", at + 1)) {
    let end = at - 1;
    while (text.charCodeAt(end) <= 32) end--;
    if (text.charAt(end) === '"' && !isEscaped(text, end)) keys++;
  }
  return keys;
}

/** Keys of all objects in what JSON.parse gave. */
function countKeys(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  let keys = 0;
  if (Array.isArray(value)) for (const one of value) keys += countKeys(one);
  // Of all ways to walk the keys the one that makes no list of them.
  else for (const key in value) keys += 1 + countKeys((value as Row)[key]);
  return keys;
}

/** JSON.parse keeps the last of them, other programs the first; what was meant, nobody knows. @throws BAD_INPUT */
function requireSingleKeys(text: string): void {
  const open: Set<string>[] = [];
  let said = "";
  for (const { token } of tokens(text, OBJECT_OR_COLON)) {
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (token === ":") {
      const key = JSON.parse(said) as string;
      const keys = open.at(-1);
      if (keys?.has(key) === true)
        throw new AutodidactError(
          "BAD_INPUT",
          `has the key “${key.slice(0, 80)}” twice in one object`,
        );
      keys?.add(key);
    } else said = token;
  }
}

/** `value` as JSON text in well-formed Unicode, numbers as they were read. */
export function rowText(value: unknown): string {
  const text = exactText(value);
  // JSON.stringify writes half pairs in this way, and nothing else.
  if (!/\\ud[89a-f]/u.test(text)) return text;
  return text.replace(/\\(?:ud[89a-f][0-9a-f]{2}|[^])/gu, (escape) =>
    escape.length > 2 ? "\\ufffd" : escape,
  );
}

function exactText(value: unknown): string {
  if (!someWritten)
    try {
      return JSON.stringify(value);
    } catch (cause) {
      if (!(cause instanceof TypeError)) throw cause;
    }
  return JSON.stringify(value, markNumber).replace(WRITTEN_NUMBER, "$1");
}

function markNumber(this: Holder, key: string, inner: unknown): unknown {
  if (typeof inner === "bigint") return `${EXACT}${inner}`;
  const written = typeof inner === "number" ? this[WRITTEN]?.[key] : undefined;
  return written !== undefined && Number(written) === inner
    ? `${EXACT}${written}`
    : inner;
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
