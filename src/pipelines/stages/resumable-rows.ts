/**
 * @file Rows made by a model, a chunk at a time: what is done is on the disk while the
 * rest goes on, and the same call goes on with what an earlier one left.
 *
 * Beside the file to be written lies FILE.partial: a line that says of what it is a
 * part, then finished rows in order. It becomes the file when the last row is there.
 * FILE.partial-answers keeps what a model answered for the rows of the present chunk.
 * Chunks end at the same items whether or not the work was stopped in between, so the
 * bytes are the same too.
 */
import { createReadStream } from "node:fs";
import {
  appendFile,
  readFile,
  rm,
  truncate,
  writeFile,
} from "node:fs/promises";
import type { z } from "zod";
import { AnswerJournal } from "../../answers/answer-journal.js";
import { AutodidactError } from "../../foundation/error.js";
import { hashOf, sha256 } from "../../foundation/hash.js";
import { parseRow, rowText, writtenAs } from "../../foundation/json-lines.js";
import { storageError, writeFileAtomic } from "../../foundation/storage.js";
import type { GenerateOptions } from "../../generation/language-model.js";
import { withOutputLock } from "../../ledger/writer-lock.js";
import { count, counted } from "../../text/number-words.js";

/** Items that become rows, each independent of the others. */
export interface RowWork<T> {
  /** How many, and what they are called: "prompts". */
  readonly items: number;
  readonly unit: string;
  /** Rows that an item becomes. */
  readonly rowsEach: number;
  /** Answers that a model gives for an item. */
  readonly answersEach: number;
  /** Hash of everything that determines the rows, see {@link rowsIdentity}. */
  readonly identity: string;
  /** Of a finished row. */
  readonly schema: z.ZodType<T>;
  /** Rows of the items `start` … `end` − 1, in order. */
  rows(
    start: number,
    end: number,
    options: GenerateOptions,
  ): Promise<readonly T[]>;
}

/** Called with the rows of each chunk, in order. */
type RowListener<T> = (rows: readonly T[]) => void | Promise<void>;

/** Answers in the first chunk, so that a slow model has soon something to show for. */
const FIRST_ANSWERS = 16;
/** Answers in a chunk at most: as many as are generated at once. */
const MOST_ANSWERS = 128;

/** A chunk is no larger than all that came before: a kill costs at most half of the work. */
function chunkEnd(start: number, { items, answersEach }: RowWork<unknown>) {
  const before = start * answersEach;
  const answers = Math.min(Math.max(before, FIRST_ANSWERS), MOST_ANSWERS);
  return Math.min(
    items,
    start + Math.max(1, Math.floor(answers / answersEach)),
  );
}

/** @param rows every row of the input, in order, with the fields that only pass through */
export function rowsIdentity(
  work: {
    readonly stage: string;
    /** Identity of the model. */
    readonly model: string;
    readonly settings: unknown;
  },
  rows: readonly unknown[],
): string {
  return rows.reduce<string>(
    (hash, row) => sha256(hash + rowText(row)),
    hashOf(work),
  );
}

/**
 * All rows, those found included; progress counts items.
 * @param found rows of the first chunks
 */
export async function workRows<T>(
  work: RowWork<T>,
  options: GenerateOptions,
  onRows: RowListener<T> = () => undefined,
  found: readonly T[] = [],
): Promise<readonly T[]> {
  const { signal, onProgress } = options;
  const chunks = [found];
  let start = found.length / work.rowsEach;
  onProgress?.(start);
  while (start < work.items) {
    signal?.throwIfAborted();
    const from = start;
    const end = chunkEnd(from, work);
    const rows = await work.rows(from, end, {
      ...options,
      onProgress: (done) => onProgress?.(from + done),
    });
    await onRows(rows);
    chunks.push(rows);
    start = end;
  }
  return chunks.flat();
}

/**
 * Writes all rows to `out`, or goes on with writing them.
 * @param options.onFound told how many items an earlier call had finished, and how many
 *   answers for others, where there are any
 * @param options.journal of the model's answers, see {@link journalBeside}
 * @throws STORAGE when it cannot be written, is being written by another process, or
 *   rows of other work wait there; INTERRUPTED saying what is kept
 */
export async function writeRows<T>(
  out: string,
  work: RowWork<T>,
  options: GenerateOptions & {
    readonly onFound: (items: number, answers: number) => void;
    readonly journal?: AnswerJournal | undefined;
  },
): Promise<readonly T[]> {
  const { journal } = options;
  const partial = `${out}.partial`;
  const header = `${JSON.stringify({ unfinished: work.unit, of: work.identity })}\n`;
  return withOutputLock(out, async () => {
    const found = await foundRows(partial, header, work);
    let kept = found.rows.length / work.rowsEach;
    journal?.belongTo(work.identity);
    const answers = journal?.size ?? 0;
    if (kept + answers > 0) options.onFound(kept, answers);
    const append = async (rows: readonly T[]): Promise<void> => {
      try {
        if (kept === 0) await writeFile(partial, header);
        const lines = rows.map((row) => `${rowText(row)}\n`).join("");
        await appendFile(partial, lines, { flush: true });
      } catch (cause) {
        throw storageError(out, cause);
      }
      kept += rows.length / work.rowsEach;
      journal?.clear();
    };
    try {
      if (kept > 0) await truncate(partial, found.bytes);
      const rows = await workRows(work, options, append, found.rows);
      await writeFileAtomic(
        out,
        createReadStream(partial, { start: Buffer.byteLength(header) }),
      );
      await rm(partial);
      return rows;
    } catch (error) {
      if (kept === 0) await rm(partial, { force: true });
      if (error === options.signal?.reason)
        throw stoppedWith(partial, work, kept, journal?.size ?? 0) ?? error;
      throw error;
    }
  });
}

/** Says what a stop left; null where that is nothing. */
function stoppedWith(
  partial: string,
  { items, unit }: RowWork<unknown>,
  done: number,
  answers: number,
): AutodidactError | null {
  if (done + answers === 0) return null;
  const others =
    answers === 0
      ? ""
      : `, and ${counted(answers, "answer")} for the next ones beside it`;
  const kept =
    done > 0
      ? `done and kept in ${partial}${others}`
      : `done, and ${counted(answers, "answer")} for the first ones kept in ${partial}-answers`;
  return new AutodidactError(
    "INTERRUPTED",
    `Stopped. ${count(done)} of ${count(items)} ${unit} are ${kept}; run the same command again to go on.`,
    { path: partial, done, answers, total: items },
  );
}

/** The journal of the answers that become the rows of `out`. */
export function journalBeside(out: string): AnswerJournal {
  return new AnswerJournal(`${out}.partial-answers`);
}

/** Rows of the chunks that are whole, and where in the file they end. @throws STORAGE when they are of other work */
async function foundRows<T>(
  partial: string,
  header: string,
  work: RowWork<T>,
): Promise<{ readonly rows: readonly T[]; readonly bytes: number }> {
  const bytes = await contentOf(partial);
  const first = bytes.subarray(0, Buffer.byteLength(header)).toString();
  // One that was torn before its first row says nothing.
  if (first.length < header.length && header.startsWith(first))
    return { rows: [], bytes: 0 };
  if (first !== header) throw otherRows(partial);
  const rows: T[] = [];
  const ends = [Buffer.byteLength(header)];
  for (;;) {
    const start = ends.at(-1) ?? 0;
    const end = bytes.indexOf(10, start) + 1;
    const row =
      end === 0 ? null : rowIn(bytes.toString("utf8", start, end), work);
    if (row === null) break;
    rows.push(row);
    ends.push(end);
  }
  let items = 0;
  while (
    items < work.items &&
    chunkEnd(items, work) * work.rowsEach <= rows.length
  )
    items = chunkEnd(items, work);
  const whole = items * work.rowsEach;
  return { rows: rows.slice(0, whole), bytes: ends[whole] ?? 0 };
}

/** Null for a line that was torn. */
function rowIn<T>(line: string, { schema }: RowWork<T>): T | null {
  try {
    const row = parseRow(line);
    return writtenAs(schema.parse(row), row);
  } catch {
    return null;
  }
}

/** Nothing where there is no file. @throws STORAGE */
async function contentOf(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT")
      return Buffer.alloc(0);
    throw storageError(path, cause);
  }
}

function otherRows(partial: string): AutodidactError {
  return new AutodidactError(
    "STORAGE",
    `${partial} is not the beginning of these rows: it was made with another model, other settings or other input. Delete it to start anew, or give the rows another file.`,
    { path: partial },
  );
}
