/**
 * @file `autodidact novelty`: the ROUGE-L filter on JSON Lines files.
 *
 * Every row of the pool file joins the pool as it is. The candidates are taken in
 * order; one joins the pool and goes to `out` unless its score with a pool member
 * is greater than the threshold; then it goes to `rejected` with that member as
 * `nearest`. Rows keep all their other fields.
 *
 * Both outputs appear whole, at the end, or not at all. Work gives way to the event
 * loop many times a second, so that a signal is heard whatever the sizes. Rows are streamed: memory
 * holds the pool's texts and the index, never a file.
 */
import { stat } from "node:fs/promises";
import { setImmediate as turnOfEventLoop } from "node:timers/promises";
import { AutodidactError } from "../../foundation/error.js";
import { isStandardInput, readChunks } from "../../foundation/json-lines.js";
import { placedValues } from "../../data/formats/rows.js";
import type { Neighbour } from "../../novelty/nearest-search.js";
import {
  DEFAULT_NOVELTY_THRESHOLD,
  NoveltyIndex,
} from "../../novelty/novelty-index.js";
import type { NoveltyTokenizer } from "../../novelty/novelty-tokenizer.js";
import { NOVELTY_TOKENIZERS } from "../../novelty/novelty-tokenizer.js";
import { requireWritableFile } from "../run/output-path.js";
import { openRowSink, type RowSink } from "./row-sink.js";

export interface FilterNoveltyOptions {
  /** JSON Lines whose texts are known already; may be empty, not missing. */
  readonly pool: string;
  /** JSON Lines to filter. */
  readonly candidates: string;
  /** The file of the kept rows, if anywhere. */
  readonly out?: string | undefined;
  /** Told of each kept row as it is found. */
  readonly onKept?: ((row: unknown) => void) | undefined;
  /** Where the rejected rows go, if anywhere. */
  readonly rejected?: string | undefined;
  /** A row is rejected when its score is greater; in [0, 1], 0.7 by default. */
  readonly threshold?: number | undefined;
  /** The field that holds the text; "instruction" by default. */
  readonly field?: string | undefined;
  /** "rouge" by default. */
  readonly tokenizer?: NoveltyTokenizer | undefined;
  /** Gives kept rows their nearest pool member too; slower. */
  readonly nearest?: boolean | undefined;
  /** Told once, at the end, when most candidates have no token at all: they resemble nothing. */
  readonly onTokenless?:
    | ((count: {
        readonly tokenless: number;
        readonly candidates: number;
      }) => void)
    | undefined;
  /** Called now and then, and at the end. */
  readonly onProgress?: ((progress: FilterProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface FilterProgress {
  /** Lines of the candidate file behind and in all; in all so far for what can be read only once. */
  readonly done: number;
  readonly total: number;
}

/** candidates = kept + rejected. */
export interface FilterSummary {
  /** Rows of the pool file. */
  readonly pool: number;
  readonly candidates: number;
  readonly kept: number;
  readonly rejected: number;
}

/** What a row gains; null for a kept row whose pool was empty. */
export interface NearestField {
  readonly instruction: string;
  readonly score: number;
}

const PROGRESS_EVERY = 500;
/** Records indexed, and rows filtered, between two turns of the event loop: some 10 ms each, a row with its nearest a millisecond or more. */
const INDEXED_AT_ONCE = 1024;
const FILTERED_AT_ONCE = 64;

/**
 * @throws BAD_INPUT with file and line: missing file, broken line, no such field
 * @throws USAGE if a file is to be read and written, or the threshold is not in [0, 1]
 * @throws STORAGE if an output cannot be written
 */
export async function filterNovelty(
  options: FilterNoveltyOptions,
): Promise<FilterSummary> {
  await checkPaths(options);
  const pool = new TextPool(options);
  const total = await countLines(options.candidates);
  const poolRows = await readPool(pool, options);

  const [out, rejected] = [options.out, options.rejected].map((path) =>
    path === undefined ? undefined : openRowSink(path),
  );
  try {
    const counts = await filterRows(options, { pool, out, rejected, total });
    // The kept rows last: whoever finds them finds the rejected ones too.
    await rejected?.finish();
    await out?.finish();
    return { pool: poolRows, ...counts };
  } catch (error) {
    await Promise.all([out?.abandon(), rejected?.abandon()]);
    throw error;
  }
}

/** The texts of the pool and their index, in one numbering. */
class TextPool {
  readonly #texts: string[] = [];
  readonly #index: NoveltyIndex;
  readonly #tokenize: (text: string) => string[];
  readonly #nearestOfKept: boolean;
  #tokenless = 0;

  constructor(options: FilterNoveltyOptions) {
    const { threshold = DEFAULT_NOVELTY_THRESHOLD } = options;
    this.#index = new NoveltyIndex({ threshold });
    this.#tokenize = NOVELTY_TOKENIZERS[options.tokenizer ?? "rouge"];
    this.#nearestOfKept = options.nearest ?? false;
  }

  /** Texts offered so far in which the tokenizer found nothing. */
  get tokenless(): number {
    return this.#tokenless;
  }

  add(text: string): void {
    this.#index.add(this.#tokenize(text));
    this.#texts.push(text);
  }

  /** Indexes some of what was added, so that `offer` need not; true when nothing is left. */
  prepare(): boolean {
    return this.#index.prepare(INDEXED_AT_ONCE, {
      nearest: this.#nearestOfKept,
    });
  }

  /** Keeps the text if it is new. `nearest` is undefined where nobody asked. */
  offer(text: string): {
    readonly kept: boolean;
    readonly nearest: NearestField | null | undefined;
  } {
    const tokens = this.#tokenize(text);
    if (tokens.length === 0) this.#tokenless++;
    const decision = this.#index.probe(tokens);
    if (!decision.accepted) {
      return { kept: false, nearest: this.#field(decision.nearest) };
    }
    const nearest = this.#nearestOfKept
      ? this.#field(this.#index.nearest(tokens))
      : undefined;
    this.#index.add(tokens);
    this.#texts.push(text);
    return { kept: true, nearest };
  }

  #field(neighbour: Neighbour | undefined): NearestField | null {
    if (neighbour === undefined) return null;
    return {
      instruction: this.#texts[neighbour.id] as string,
      score: neighbour.score,
    };
  }
}

async function readPool(
  pool: TextPool,
  options: FilterNoveltyOptions,
): Promise<number> {
  let rows = 0;
  for await (const { line, value } of placedValues(options.pool)) {
    options.signal?.throwIfAborted();
    pool.add(textOf(value, { path: options.pool, line, options }).text);
    rows++;
  }
  return rows;
}

async function filterRows(
  options: FilterNoveltyOptions,
  parts: {
    readonly pool: TextPool;
    readonly out: RowSink | undefined;
    readonly rejected: RowSink | undefined;
    readonly total: number | undefined;
  },
): Promise<Omit<FilterSummary, "pool">> {
  const { pool, out, rejected, total } = parts;
  let kept = 0;
  let refused = 0;
  let done = 0;
  for await (const { line, value } of placedValues(options.candidates)) {
    if ((kept + refused) % FILTERED_AT_ONCE === 0) await giveWay(options);
    while (!pool.prepare()) await giveWay(options);
    const where = { path: options.candidates, line, options };
    const { row, text } = textOf(value, where);
    const { kept: isNew, nearest } = pool.offer(text);
    if (nearest !== undefined && Object.hasOwn(row, "nearest")) {
      throw new AutodidactError(
        "BAD_INPUT",
        `${where.path}, line ${line}: the row has a field “nearest”, which the nearest text of the pool would overwrite. Rename it.`,
        { path: where.path, line, field: "nearest" },
      );
    }
    const written = nearest === undefined ? row : { ...row, nearest };
    if (isNew) {
      kept++;
      options.onKept?.(written);
      await out?.push(written);
    } else {
      refused++;
      await rejected?.push(written);
    }
    if ((kept + refused) % PROGRESS_EVERY === 0) {
      options.onProgress?.({ done: line, total: total ?? line });
    }
    done = line;
  }
  options.onProgress?.({ done: total ?? done, total: total ?? done });
  const { tokenless } = pool;
  if (2 * tokenless > kept + refused)
    options.onTokenless?.({ tokenless, candidates: kept + refused });
  return { candidates: kept + refused, kept, rejected: refused };
}

/** Lets signals and finished writes be heard. @throws what the signal was aborted with */
async function giveWay({
  signal,
}: Pick<FilterNoveltyOptions, "signal">): Promise<void> {
  await turnOfEventLoop();
  signal?.throwIfAborted();
}

/** The row and its text. @throws BAD_INPUT naming the line and the fields there are */
function textOf(
  value: unknown,
  where: {
    readonly path: string;
    readonly line: number;
    readonly options: FilterNoveltyOptions;
  },
): { readonly row: Readonly<Record<string, unknown>>; readonly text: string } {
  const { path, line } = where;
  const field = where.options.field ?? "instruction";
  const fail = (problem: string): AutodidactError =>
    new AutodidactError(
      "BAD_INPUT",
      `${path}, line ${line}: ${problem} Every row must be an object with its text in “${field}”; name another field with --field.`,
      { path, line, field },
    );
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw fail("the row is not a JSON object.");
  }
  const row = value as Readonly<Record<string, unknown>>;
  if (!Object.hasOwn(row, field)) {
    const names = Object.keys(row).map((name) => `“${name}”`);
    const found = names.length === 0 ? "no fields" : names.join(", ");
    throw fail(`there is no field “${field}”; the row has ${found}.`);
  }
  const text = row[field];
  if (typeof text !== "string") {
    const found = text === null ? "null" : typeof text;
    throw fail(`the field “${field}” is ${found}, not text.`);
  }
  return { row, text };
}

async function checkPaths({
  pool,
  candidates,
  out,
  rejected,
}: FilterNoveltyOptions): Promise<void> {
  if (out !== undefined) await requireWritableFile(out, [pool, candidates]);
  if (rejected !== undefined)
    await requireWritableFile(rejected, [pool, candidates, out]);
}

/**
 * Number of lines, for the progress shown; undefined for what can be read only once.
 * @throws BAD_INPUT if unreadable
 */
async function countLines(path: string): Promise<number | undefined> {
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    // Whoever reads it says what is wrong.
    () => false,
  );
  if (!isFile || isStandardInput(path)) return undefined;
  let lines = 0;
  let last = 10;
  for await (const chunk of readChunks(path)) {
    for (let at = -1; (at = chunk.indexOf(10, at + 1)) >= 0;) lines++;
    last = chunk.at(-1) ?? last;
  }
  return last === 10 ? lines : lines + 1;
}
