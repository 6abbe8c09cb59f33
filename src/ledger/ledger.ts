/**
 * @file A run's ledger: everything one execution made, in one SQLite file.
 *
 * Invariants: one writer of stages at a time; rows are only added; rows and the stage they
 * belong to are written together or not at all; opening never harms a file that
 * is damaged, newer, or not a ledger. It decides nothing about what a stage does
 * and prints nothing.
 *
 * ```ts
 * const ledger = openLedger({ path: "runs/a/ledger.db", mode: "write" });
 * ledger.recordRun({ recipe, seed, environment });
 * const stage = ledger.stage("round-1/prompts", hashOf(inputs));
 * if (!stage.done) {
 *   stage.insertPrompts(rows);
 *   stage.complete({ requested: 40, accepted: 32, rejected: 8, failed: 0 });
 * }
 * ledger.finish();
 * ledger.close();
 * ```
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { type Clock, systemClock, timestamp } from "../foundation/clock.js";
import { crashPoint } from "../foundation/crash-point.js";
import { AutodidactError } from "../foundation/error.js";
import { storageError } from "../foundation/storage.js";
import { AnswerTable } from "./answer-table.js";
import { decodeJson, encodeJson, textCodec } from "./codecs.js";
import { LedgerDatabase } from "./database.js";
import {
  LEDGER_FILE,
  placeCopy,
  removeDatabase,
  removeLog,
  requireLedger,
  requireWholeFile,
  sizeOf,
} from "./ledger-file.js";
import { MIGRATIONS } from "./migrations.js";
import type { Row, TableName } from "./records.js";
import {
  countRecords,
  getRecord,
  readRecords,
  type ReadOptions,
} from "./record-store.js";
import {
  describeLastProcess,
  finishRun,
  readRun,
  recordProcess,
  recordRun,
  type RunDescription,
  type RunRecord,
} from "./run-record.js";
import { Reserve } from "./reserve.js";
import { isCurrent, migrate } from "./schema.js";
import { stageCounts, type StageCounts } from "./stage-counts.js";
import { StageSequence } from "./stage-sequence.js";
import { StoredTables } from "./stored-tables.js";
import { usageByStage, type StageUsage, type Usage } from "./stage-usage.js";
import type { Stage } from "./stage.js";
import {
  readVerdicts,
  takeOverVerdicts,
  type RecordedVerdict,
} from "./verdicts.js";
import {
  acquireWriterLock,
  whileInPlace,
  type WriterLock,
} from "./writer-lock.js";

const SECONDS_BEFORE = "seconds-before";

const INSERT_NOTE = "INSERT INTO events (at, type, payload) VALUES (?, ?, ?)";

/** What may be asked of a ledger without writing to it. */
export class LedgerReader {
  protected readonly database: LedgerDatabase;
  readonly #closed: () => void;

  /** Made by whoever opens a ledger. @param closed called when the database is closed */
  constructor(database: LedgerDatabase, closed = (): void => undefined) {
    this.database = database;
    this.#closed = closed;
  }

  get path(): string {
    return this.database.path;
  }

  /** What the run was made with; undefined before that was recorded. */
  run(): RunRecord | undefined {
    return readRun(this.database);
  }

  /** Counts of every stage begun so far, in order. */
  counts(): StageCounts[] {
    return stageCounts(this.database, this.secondsBefore());
  }

  /** Seconds worked on stages before the ledger was made anew. */
  protected secondsBefore(): Readonly<Record<string, number>> {
    return (this.noted(SECONDS_BEFORE) ?? {}) as Record<string, number>;
  }

  /** What every stage asked of models, in order. */
  usage(): StageUsage[] {
    return usageByStage(this.database);
  }

  /** Rows in the order written, fetched by the page: memory stays flat. */
  read<T extends TableName>(
    table: T,
    options?: ReadOptions<T>,
  ): IterableIterator<Row<T>> {
    return readRecords(this.database, table, options);
  }

  /** @throws LEDGER when there is no such row */
  get<T extends TableName>(table: T, id: number): Row<T> {
    return getRecord(this.database, table, id);
  }

  count<T extends TableName>(table: T, options?: ReadOptions<T>): number {
    return countRecords(this.database, table, options);
  }

  /** The tables as they are stored, for those who show them. */
  tables(): StoredTables {
    return new StoredTables(this.database);
  }

  /** What was noted last under `name`; undefined before. */
  noted(name: string): unknown {
    const stored = this.database.first(
      "SELECT payload FROM events WHERE type = ? ORDER BY id DESC LIMIT 1",
      [textCodec.encode(name, "events.type")],
    );
    return stored && decodeJson(stored["payload"] ?? null, "events.payload");
  }

  /** What people said of rows, in the order given. */
  verdicts(): RecordedVerdict[] {
    return readVerdicts(this.database);
  }

  /** Ends; closing again does nothing. */
  close(): void {
    this.database.close();
    this.#closed();
  }
}

// eslint-disable-next-line no-restricted-syntax -- a ledger is a reader that may also write; forwarding every reader would say less
export class Ledger extends LedgerReader {
  readonly answers: AnswerTable;
  readonly #clock: Clock;
  readonly #lock: WriterLock;
  readonly #reserve: Reserve;
  readonly #stages: StageSequence;

  /** Made by `openLedger` only. */
  constructor(parts: {
    readonly database: LedgerDatabase;
    readonly lock: WriterLock;
    readonly reserve: Reserve;
    readonly clock: Clock;
  }) {
    super(parts.database);
    this.#lock = parts.lock;
    this.#reserve = parts.reserve;
    this.#clock = parts.clock;
    this.answers = new AnswerTable(parts.database, parts.reserve);
    this.#stages = new StageSequence(parts.database, parts.clock);
  }

  /**
   * Records what the run is made with, or checks that it still is.
   * @throws LEDGER naming each differing recipe key, and the seed, with both values
   */
  recordRun(description: RunDescription): RunRecord {
    this.#reserve.hold();
    return recordRun(this.database, this.#clock, description);
  }

  /**
   * The next stage of the run.
   * @param inputHash hash of everything the stage's result depends on
   * @throws LEDGER when the recorded stage at this place has another name or input
   *   hash, or the stage before is not complete
   */
  stage(name: string, inputHash: string): Stage {
    return this.#stages.next(name, inputHash);
  }

  /**
   * Counts what models were asked for the rows that the open stage writes next. Where
   * those are there already, it was asked again and is not counted again.
   */
  spend(usage: Usage): void {
    this.#stages.spend(usage);
  }

  /** Everything `work` writes, or nothing of it. `work` must not be asynchronous. */
  transaction<T>(work: () => T): T {
    return this.database.transaction(work);
  }

  /**
   * Notes something of the run that is no row of a stage, such as its plan. Notes are
   * only added; the last one of a name counts. Their table is called `events`.
   */
  note(name: string, value: unknown): void {
    this.database.run(INSERT_NOTE, [
      timestamp(this.#clock),
      textCodec.encode(name, "events.type"),
      encodeJson(value, "events.payload"),
    ]);
  }

  /**
   * Marks the run as finished.
   * @throws LEDGER when a stage is open, or recorded but not asked for
   */
  finish(): void {
    this.#stages.requireFinished();
    finishRun(this.database, this.#clock);
  }

  /**
   * Puts a ledger without rows in the place of this one, which is closed, and gives it:
   * rows are never changed, so where some have to come out differently the stages write
   * them again. Killed at any moment it leaves one of the two, whole; the lock is held
   * throughout.
   * @param changes keys of the recipe that are others from now on; answers, notes and
   *   verdicts go along. Null: nothing of the run is kept.
   * @throws LEDGER while another process reads this one, STORAGE
   */
  renew(changes: Readonly<Record<string, unknown>> | null): Ledger {
    return whileInPlace(this.path, () => this.#replace(changes));
  }

  #replace(changes: Readonly<Record<string, unknown>> | null): Ledger {
    const { path } = this;
    const next = `${path}.next`;
    removeDatabase(next);
    const parts = {
      lock: this.#lock,
      reserve: this.#reserve,
      clock: this.#clock,
    };
    const database = openDatabase(next, this.#clock);
    if (changes !== null)
      this.#handOver(new Ledger({ ...parts, database }), changes);
    database.close();
    this.database.close();
    if (sizeOf(`${path}-wal`) > 0) {
      throw new AutodidactError(
        "LEDGER",
        `The ledger ${path} cannot be made anew while another process reads it. Wait for it, then run the same command again; nothing was changed.`,
        { path },
      );
    }
    try {
      // Readers that stay connected would else share log and index with the new one.
      removeLog(path);
      // SQLite may hold a closed file a while longer, and would go on with its log.
      placeCopy(next, path);
    } catch (cause) {
      throw storageError(path, cause);
    }
    removeDatabase(next);
    return new Ledger({ ...parts, database: openDatabase(path, this.#clock) });
  }

  /** What a ledger made anew keeps of this one. */
  #handOver(fresh: Ledger, changes: Readonly<Record<string, unknown>>): void {
    const run = this.run();
    if (run === undefined) return;
    fresh.transaction(() => {
      fresh.answers.takeOver(this.answers);
      takeOverVerdicts(fresh.database, this.database);
      const notes = this.database.all("SELECT * FROM events ORDER BY id");
      for (const { at = null, type = null, payload = null } of notes)
        fresh.database.run(INSERT_NOTE, [at, type, payload]);
      const worked = this.counts().map(({ name, seconds }) => [name, seconds]);
      fresh.note(SECONDS_BEFORE, {
        ...this.secondsBefore(),
        ...Object.fromEntries(worked),
      });
      fresh.recordRun({
        ...run,
        recipe: { ...(run.recipe as object), ...changes },
      });
    });
  }

  override close(): void {
    try {
      this.#reserve.giveUp();
      super.close();
    } finally {
      this.#lock.release();
    }
  }
}

export interface OpenOptions {
  /** The database file, `ledger.db` in the run folder. */
  readonly path: string;
  readonly clock?: Clock;
}

/**
 * Opens a run's ledger: to `write`, alone, creating it if it is not there; or to
 * `read`, beside a writer, changing nothing.
 * @throws LEDGER: damaged, not a ledger, newer, in use by another writer, or (to
 *   read) not there; STORAGE: cannot be opened or written
 */
export function openLedger(
  options: OpenOptions & { readonly mode: "write" },
): Ledger;
export function openLedger(
  options: OpenOptions & { readonly mode: "read" },
): LedgerReader;
export function openLedger(
  options: OpenOptions & { readonly mode: "write" | "read" },
): Ledger | LedgerReader {
  const path = resolve(options.path);
  return options.mode === "read"
    ? openToRead(path)
    : openToWrite(path, options.clock ?? systemClock);
}

function openToWrite(path: string, clock: Clock): Ledger {
  const folder = dirname(path);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw storageError(folder, cause);
  }
  requireWholeFile(path);
  const lock = acquireWriterLock(path, () => nameHolder(path));
  try {
    const database = openDatabase(path, clock);
    crashPoint("ledger-open");
    return new Ledger({ database, lock, reserve: new Reserve(path), clock });
  } catch (cause) {
    lock.release();
    throw cause;
  }
}

/** The database of a ledger that is written, at the current schema. */
function openDatabase(path: string, clock: Clock): LedgerDatabase {
  const database = new LedgerDatabase(path, "read-write");
  try {
    migrate(database, MIGRATIONS);
    recordProcess(database, clock);
    return database;
  } catch (cause) {
    database.abandon();
    throw cause;
  }
}

function openToRead(path: string): LedgerReader {
  requireLedger(path);
  const database = openForReading(path);
  try {
    if (isCurrent(database, MIGRATIONS)) return new LedgerReader(database);
    const copy = migratedCopy(database);
    database.close();
    return copy;
  } catch (cause) {
    database.abandon();
    throw cause;
  }
}

/** A ledger of an older version as one of this, in a file that goes with its reader. */
function migratedCopy(database: LedgerDatabase): LedgerReader {
  const folder = mkdtempSync(join(tmpdir(), "autodidact-ledger-"));
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const file = join(folder, LEDGER_FILE);
    database.run("VACUUM INTO ?", [file]);
    const copy = new LedgerDatabase(database.path, "read-write", file);
    migrate(copy, MIGRATIONS);
    return new LedgerReader(copy, remove);
  } catch (cause) {
    remove();
    throw cause;
  }
}

/**
 * A ledger in a folder that cannot be written can still be read, if all of it is
 * in the one file.
 */
function openForReading(path: string): LedgerDatabase {
  try {
    return new LedgerDatabase(path, "read");
  } catch (cause) {
    if (!(cause instanceof AutodidactError) || cause.code !== "STORAGE") {
      throw cause;
    }
    const log = `${path}-wal`;
    if (sizeOf(log) === 0) return new LedgerDatabase(path, "frozen");
    throw new AutodidactError(
      "STORAGE",
      `${path} cannot be read where it is: ${log} holds rows not yet merged, and the folder cannot be written. Copy the whole folder to a place that can be written and read it there.`,
      { path, log },
      { cause },
    );
  }
}

function nameHolder(path: string): string | undefined {
  try {
    const database = new LedgerDatabase(path, "read");
    try {
      return describeLastProcess(database);
    } finally {
      database.abandon();
    }
  } catch {
    // Who holds it is a courtesy; that it is held is the message.
    return undefined;
  }
}
