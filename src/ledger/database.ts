/**
 * @file The SQLite connection under a ledger.
 *
 * Keeps three promises: what `transaction` returned from is on the disk; what it
 * threw out of left no trace; every failure of SQLite or the disk is an
 * AutodidactError that names the file and the remedy. It knows no table.
 *
 * Write-ahead log with synchronous=FULL: readers never block the writer, and a
 * committed call survives a power cut. NORMAL would only survive the death of
 * the process; the price, one flush a commit, is small because rows come in
 * chunks.
 */
import Libsql from "libsql";
import { pathToFileURL } from "node:url";
import { crashPoint } from "../foundation/crash-point.js";
import { AutodidactError } from "../foundation/error.js";
import { translateFailure } from "./database-failure.js";

/** What SQLite stores; the driver aborts the process on any other type. */
export type SqlValue = string | number | null;
export type SqlRow = Readonly<Record<string, SqlValue>>;

/**
 * `read-write` creates the file if needed. `read` never changes it. `frozen`
 * reads a file in a folder that cannot be written, and sees no write-ahead log.
 */
export type DatabaseAccess = "read-write" | "read" | "frozen";

const QUERY_SUFFIX = {
  "read-write": "",
  read: "?mode=ro",
  frozen: "?immutable=1",
} as const;

/** How long one connection waits for another's short lock, ms. */
const BUSY_TIMEOUT = 5000;

/** Most prepared statements kept; one per statement text. */
const STATEMENT_LIMIT = 256;

export class LedgerDatabase {
  readonly path: string;
  readonly #access: DatabaseAccess;
  readonly #connection: Libsql.Database;
  readonly #statements = new Map<string, Libsql.Statement>();
  #depth = 0;
  #closed = false;

  /**
   * @param path names it in errors
   * @param file where it lies, if elsewhere
   * @throws STORAGE, LEDGER when the file cannot be opened or its header read
   */
  constructor(path: string, access: DatabaseAccess, file = path) {
    this.path = path;
    this.#access = access;
    this.#connection = this.#guard(
      () => new Libsql(`${pathToFileURL(file).href}${QUERY_SUFFIX[access]}`),
    );
    try {
      this.execute(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`);
      this.execute("PRAGMA foreign_keys = ON");
      this.execute("PRAGMA synchronous = FULL");
      // SQLite opens lazily; whether it can read at all shows with the first question.
      this.first("SELECT count(*) FROM sqlite_master");
    } catch (cause) {
      this.abandon();
      throw cause;
    }
  }

  get inTransaction(): boolean {
    return this.#depth > 0;
  }

  /** Runs statements that take no values and give no rows. */
  execute(sql: string): void {
    this.#guard(() => this.#connection.exec(sql));
  }

  /** Runs one statement; tells how many rows it changed and the last row's id. */
  run(
    sql: string,
    values: readonly SqlValue[] = [],
  ): { changes: number; id: number } {
    return this.#guard(() => {
      const { changes, lastInsertRowid } = this.#prepare(sql).run([...values]);
      return { changes, id: Number(lastInsertRowid) };
    });
  }

  first(sql: string, values: readonly SqlValue[] = []): SqlRow | undefined {
    return this.#guard(() => this.#prepare(sql).get([...values])) as
      SqlRow | undefined;
  }

  all(sql: string, values: readonly SqlValue[] = []): SqlRow[] {
    return this.#guard(() => this.#prepare(sql).all([...values])) as SqlRow[];
  }

  /**
   * Runs `work` all or nothing. Nested calls join the outer transaction; one that
   * throws undoes its own part only, should the caller catch the error.
   */
  transaction<T>(work: () => T): T {
    const outermost = this.#depth === 0;
    const savepoint = `nested_${this.#depth}`;
    this.execute(outermost ? "BEGIN IMMEDIATE" : `SAVEPOINT ${savepoint}`);
    this.#depth++;
    let result: T;
    try {
      result = work();
      if (result instanceof Promise) {
        throw new AutodidactError(
          "LEDGER",
          `A ledger transaction on ${this.path} was given an asynchronous function. Await first, then write.`,
          { path: this.path },
        );
      }
      if (outermost) crashPoint("ledger-transaction");
      this.execute(outermost ? "COMMIT" : `RELEASE ${savepoint}`);
    } catch (cause) {
      this.#undo(outermost ? undefined : savepoint);
      throw cause;
    } finally {
      this.#depth--;
    }
    if (outermost) crashPoint("ledger-commit");
    return result;
  }

  /**
   * Moves the write-ahead log into the file, so that the file alone is whole, and
   * ends. Where readers hold the log it stays beside the file; nothing is lost.
   */
  close(): void {
    if (this.#closed) return;
    try {
      if (this.#access === "read-write") {
        this.all("PRAGMA wal_checkpoint(TRUNCATE)");
      }
    } finally {
      this.abandon();
    }
  }

  /** Ends without touching the file. */
  abandon(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#statements.clear();
    this.#connection.close();
  }

  #prepare(sql: string): Libsql.Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    if (this.#statements.size >= STATEMENT_LIMIT) this.#statements.clear();
    const statement = this.#connection.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  /** SQLite has already rolled back by itself after a full disk; then there is nothing to undo. */
  #undo(savepoint: string | undefined): void {
    if (!this.#connection.inTransaction) return;
    try {
      this.#connection.exec(
        savepoint === undefined
          ? "ROLLBACK"
          : `ROLLBACK TO ${savepoint}; RELEASE ${savepoint}`,
      );
    } catch {
      // The failure that led here is the one to report; an open transaction dies with the connection.
    }
  }

  #guard<T>(action: () => T): T {
    try {
      return action();
    } catch (cause) {
      throw translateFailure(this.path, cause);
    }
  }
}
