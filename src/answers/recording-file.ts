/**
 * @file A store of answers in one JSON Lines file: what `--record` writes and
 * `--recorded` reads.
 *
 * One line is one purchase: {"key", "request", "response", "usage"}. Lines are
 * only ever appended, each in one write, so a killed process leaves at most one
 * unfinished last line, which the next opening removes. A file that is anything else
 * is refused and stays as it is; a last line that only lacks its end is an answer.
 * Memory holds the place of each line, not the line. A key that occurs again keeps
 * its first line.
 */
import { open, stat, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { AutodidactError, messageOf } from "../foundation/error.js";
import { makeFolder, storageError } from "../foundation/storage.js";
import {
  storedAnswerSchema,
  type AnswerStore,
  type StoredAnswer,
} from "./answer-store.js";

interface Spent {
  readonly requests: number;
  /** Prompt and completion together. */
  readonly tokens: number;
  /** Millionths of a dollar. */
  readonly costMicros: number;
}

interface Place {
  readonly offset: number;
  readonly length: number;
}

const lineShape = storedAnswerSchema.extend({
  key: z.string().regex(/^[0-9a-f]{64}$/),
});

export interface RecordingFile extends AnswerStore {
  readonly path: string;
  /** Purchases in the file. */
  readonly size: number;
  /** What those cost that were there when it was opened. */
  readonly spent: Spent;
  /** Waits for what is being written and closes the file. */
  close(): Promise<void>;
}

/**
 * Opens a file of purchases. For recording it is made if it does not exist; for
 * replay it must exist and is not changed.
 * @throws BAD_INPUT with the line that is not a purchase; STORAGE
 */
export async function openRecordingFile(
  path: string,
  mode: "record" | "replay",
): Promise<RecordingFile> {
  if (mode === "record") await makeFolder(dirname(path));
  // Places are read at random, which no pipe can do.
  const there = await stat(path).catch(() => undefined);
  if (there?.isFile() === false) throw notRecorded(path, 1);
  let handle: FileHandle;
  try {
    handle = await open(path, mode === "record" ? "a+" : "r");
  } catch (cause) {
    if (mode === "record") throw storageError(path, cause);
    throw new AutodidactError(
      "BAD_INPUT",
      `Cannot read the recording ${path}: ${messageOf(cause)}. Check the path, or make it with --record.`,
      { path },
      { cause },
    );
  }
  try {
    const { places, spent, end, rest, line } = await indexLines(path, handle);
    const unended = rest.length === 0 ? undefined : answerIn(rest);
    if (unended !== undefined) {
      if (!places.has(unended.key)) {
        places.set(unended.key, { offset: end, length: rest.length });
        count(spent, unended);
      }
      if (mode === "record") await handle.appendFile("\n");
      return new LineFile({
        path,
        handle,
        places,
        spent,
        end: end + rest.length + 1,
      });
    }
    // Only what a killed process left of a line of ours is ever taken away.
    if (rest.length > 0 && !isTorn(rest, places.size > 0))
      throw notRecorded(path, line + 1);
    if (mode === "record") await handle.truncate(end);
    return new LineFile({ path, handle, places, spent, end });
  } catch (cause) {
    await handle.close();
    throw cause;
  }
}

class LineFile implements RecordingFile {
  readonly path: string;
  readonly spent: Spent;
  readonly #handle: FileHandle;
  readonly #places: Map<string, Place>;
  #end: number;
  /** Lines on their way to the disk; flushed together. */
  #pending: Buffer[] = [];
  #flush: Promise<void> | undefined;
  /** A failed write may have left part of a line: nothing may follow it. */
  #broken: AutodidactError | undefined;

  constructor(parts: {
    readonly path: string;
    readonly handle: FileHandle;
    readonly places: Map<string, Place>;
    readonly spent: Spent;
    readonly end: number;
  }) {
    this.path = parts.path;
    this.spent = parts.spent;
    this.#handle = parts.handle;
    this.#places = parts.places;
    this.#end = parts.end;
  }

  get size(): number {
    return this.#places.size;
  }

  async get(key: string): Promise<StoredAnswer | undefined> {
    const place = this.#places.get(key);
    if (place === undefined) return undefined;
    if (this.#flush !== undefined) await this.#flush;
    const bytes = Buffer.alloc(place.length);
    await this.#handle.read(bytes, 0, place.length, place.offset);
    const { request, response, usage } = JSON.parse(
      bytes.toString("utf8"),
    ) as StoredAnswer;
    return { request, response, usage };
  }

  async put(key: string, call: StoredAnswer): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken;
    if (this.#places.has(key)) return;
    const { request, response, usage } = call;
    const line = Buffer.from(
      `${JSON.stringify({ key, request, response, usage })}\n`,
    );
    this.#places.set(key, { offset: this.#end, length: line.length - 1 });
    this.#end += line.length;
    this.#pending.push(line);
    this.#flush ??= this.#writePending();
    await this.#flush;
  }

  async close(): Promise<void> {
    await this.#flush;
    await this.#handle.close();
  }

  async #writePending(): Promise<void> {
    // One turn of the event loop gathers the answers that came together.
    await new Promise(setImmediate);
    try {
      while (this.#pending.length > 0) {
        const lines = this.#pending;
        this.#pending = [];
        await this.#handle.appendFile(Buffer.concat(lines));
      }
    } catch (cause) {
      this.#broken = storageError(this.path, cause);
      throw this.#broken;
    } finally {
      this.#flush = undefined;
    }
  }
}

/** Where each key's line is, where the last whole line ends, and what comes after it. */
async function indexLines(
  path: string,
  handle: FileHandle,
): Promise<{
  readonly places: Map<string, Place>;
  readonly spent: Spent;
  readonly end: number;
  readonly rest: Buffer;
  /** Whole lines. */
  readonly line: number;
}> {
  const places = new Map<string, Place>();
  const spent = { requests: 0, tokens: 0, costMicros: 0 };
  const chunk = Buffer.alloc(1 << 20);
  let rest: Buffer = Buffer.alloc(0);
  let end = 0;
  let line = 0;
  for (let position = 0; ;) {
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, position);
    if (bytesRead === 0) break;
    position += bytesRead;
    const bytes = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
    let start = 0;
    for (
      let stop = bytes.indexOf(10);
      stop >= 0;
      stop = bytes.indexOf(10, start)
    ) {
      line++;
      const text = bytes.subarray(start, stop);
      if (text.toString().trim() !== "") {
        const answer = answerIn(text);
        if (answer === undefined) throw notRecorded(path, line);
        if (!places.has(answer.key)) {
          places.set(answer.key, { offset: end, length: stop - start });
          count(spent, answer);
        }
      }
      end += stop + 1 - start;
      start = stop + 1;
    }
    rest = Buffer.from(bytes.subarray(start));
  }
  return { places, spent, end, rest, line };
}

/** Undefined where it is no whole line of a recording. */
function answerIn(line: Buffer): z.output<typeof lineShape> | undefined {
  try {
    return lineShape.safeParse(JSON.parse(line.toString())).data;
  } catch {
    return undefined;
  }
}

function count(
  spent: { -readonly [K in keyof Spent]: Spent[K] },
  { usage }: Pick<StoredAnswer, "usage">,
): void {
  spent.requests++;
  spent.tokens += usage.promptTokens + usage.completionTokens;
  spent.costMicros += usage.costMicros;
}

/** How every line begins, with zeros for the digits of its key. */
const BEGINNING = `{"key":"${"0".repeat(64)}","request":{"endpoint":"`;

/**
 * Whether `rest` is the beginning of a line that was being written: where no whole line
 * says that the file is a recording, it must itself be long enough to say so.
 */
function isTorn(rest: Buffer, isRecording: boolean): boolean {
  const begun = rest
    .toString("utf8", 0, BEGINNING.length)
    .replace(/(?<=^\{"key":")[0-9a-f]+/, (digits) => "0".repeat(digits.length));
  return isRecording ? BEGINNING.startsWith(begun) : begun === BEGINNING;
}

function notRecorded(path: string, line: number): AutodidactError {
  return new AutodidactError(
    "BAD_INPUT",
    `${path} is not a recording: line ${line} is no answer that a recording keeps (an object with key, request, response and usage). The file was not changed; name another one, or remove that line.`,
    { path, line },
  );
}
