/**
 * @file Which rows may hold a text: a full-text index of three-character pieces beside the
 * ledger, in a file of its own. It gives every row that holds the text, and a few that only
 * hold its pieces; who asks looks at the rows themselves.
 *
 * The file is a cache: it goes with its ledger's identity, is made anew when that is
 * another, and may be deleted at any time. Pieces instead of words, because Chinese is
 * written without spaces.
 */
import { mkdirSync, mkdtempSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AutodidactError } from "../../foundation/error.js";
import { sha256 } from "../../foundation/hash.js";
import { LedgerDatabase } from "../../ledger/database.js";
import { acquireWriterLock } from "../../ledger/writer-lock.js";

/** Characters of a piece. */
const PIECE = 3;
/** Most pieces of a search that are looked up; the rest is left to the look at the rows. */
const MOST_PIECES = 48;
/** Bytes that new pieces may take in memory before they are written. */
const PENDING_BYTES = 8 << 20;
/** What the driver cannot store. */
const UNSTORABLE = /\0|\p{Surrogate}/gu;

export interface IndexedText {
  readonly id: number;
  readonly text: string;
}

export interface TextIndex {
  /** Rows of `table` that are in it: those with ids up to this. */
  last(table: string): number;
  /** Takes rows in, ascending; all up to `last` then count as taken in. */
  add(table: string, texts: readonly IndexedText[], last: number): void;
  /**
   * Rows that may hold all of `terms`, ascending.
   * @returns null where they are more than `most`, no term is long enough to ask, or the
   *   index cannot be read
   */
  candidates(
    table: string,
    terms: readonly string[],
    most: number,
  ): number[] | null;
  close(): void;
}

/** What an index is of. */
export interface IndexOwner {
  /** Of the ledger. */
  readonly identity: string;
  /** Whether an index that was made before is of no more rows than there are. */
  readonly fits: (index: TextIndex) => boolean;
}

/**
 * @param place.folder of the cache; null to keep nothing
 * @param place.name of the run, for the file's name
 */
export function openTextIndex(
  place: { readonly folder: string | null; readonly name: string },
  owner: IndexOwner,
): TextIndex {
  if (place.folder !== null)
    try {
      mkdirSync(place.folder, { recursive: true });
      const path = join(place.folder, `${sha256(place.name).slice(0, 32)}.db`);
      return openLocked(path, owner);
    } catch (cause) {
      if (!isElsewhere(cause)) throw cause;
    }
  const folder = mkdtempSync(join(tmpdir(), "autodidact-rows-"));
  const index = openFile(join(folder, "index.db"), owner.identity);
  return {
    ...index,
    close: () => {
      index.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Another process has the file, or the folder cannot be written. */
function isElsewhere(cause: unknown): boolean {
  return cause instanceof AutodidactError
    ? cause.code === "LEDGER" || cause.code === "STORAGE"
    : cause instanceof Error && "syscall" in cause;
}

function openLocked(path: string, owner: IndexOwner): TextIndex {
  const lock = acquireWriterLock(path, () => undefined);
  try {
    const index = openSound(path, owner);
    const now = new Date();
    // For the order in which files of the cache go.
    utimesSync(path, now, now);
    return {
      ...index,
      close: () => {
        index.close();
        lock.release();
      },
    };
  } catch (cause) {
    lock.release();
    throw cause;
  }
}

/** A damaged file, or one of another ledger, is made anew. */
function openSound(path: string, { identity, fits }: IndexOwner): TextIndex {
  try {
    const index = openFile(path, identity);
    if (fits(index)) return index;
    index.close();
  } catch (cause) {
    if (!(cause instanceof AutodidactError) || cause.code !== "LEDGER")
      throw cause;
  }
  for (const end of ["", "-wal", "-shm"])
    rmSync(`${path}${end}`, { force: true });
  return openFile(path, identity);
}

/** Changes with what the file holds. */
const VERSION = 1;

function openFile(path: string, identity: string): TextIndex {
  const database = new LedgerDatabase(path, "read-write");
  try {
    database.execute("PRAGMA journal_mode = WAL");
    database.execute("PRAGMA synchronous = OFF");
    database.execute("PRAGMA cache_size = -16000");
    database.execute(
      "CREATE TABLE IF NOT EXISTS indexed (name TEXT PRIMARY KEY, last INTEGER NOT NULL)",
    );
    requireOwn(database, `${VERSION} ${identity}`);
    return overDatabase(database);
  } catch (cause) {
    database.abandon();
    throw cause;
  }
}

/** @throws LEDGER when the file is of another ledger */
function requireOwn(database: LedgerDatabase, owner: string): void {
  database.execute(
    "CREATE TABLE IF NOT EXISTS owner (id INTEGER PRIMARY KEY, name TEXT NOT NULL)",
  );
  database.run("INSERT INTO owner VALUES (1, ?) ON CONFLICT DO NOTHING", [
    owner,
  ]);
  if (database.first("SELECT name FROM owner")?.["name"] === owner) return;
  throw new AutodidactError(
    "LEDGER",
    `${database.path} is an index of another ledger. It is made anew.`,
  );
}

function overDatabase(database: LedgerDatabase): TextIndex {
  const ready = new Set<string>();
  const pieces = (table: string): string => {
    const name = `pieces_${table}`;
    if (ready.has(name)) return name;
    database.execute(
      `CREATE VIRTUAL TABLE IF NOT EXISTS ${name} USING fts5(text, content='', columnsize=0, detail='none', tokenize='trigram')`,
    );
    database.execute(
      `INSERT INTO ${name} (${name}, rank) VALUES ('hashsize', ${PENDING_BYTES})`,
    );
    ready.add(name);
    return name;
  };
  return {
    last: (table) =>
      Number(
        database.first("SELECT last FROM indexed WHERE name = ?", [table])?.[
          "last"
        ] ?? 0,
      ),
    add: (table, texts, last) => {
      const insert = `INSERT INTO ${pieces(table)} (rowid, text) VALUES (?, ?)`;
      database.transaction(() => {
        for (const { id, text } of texts)
          database.run(insert, [id, storable(text)]);
        database.run(
          "INSERT INTO indexed VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET last = excluded.last",
          [table, last],
        );
      });
    },
    candidates: (table, terms, most) => {
      const asked = [...new Set(terms.flatMap(piecesOf))].slice(0, MOST_PIECES);
      if (asked.length === 0) return null;
      try {
        const name = pieces(table);
        const found = database.first(
          `SELECT json_group_array(id) AS ids FROM
             (SELECT rowid AS id FROM ${name} WHERE ${name} MATCH ? LIMIT ?)`,
          [asked.map(quoted).join(" AND "), most + 1],
        );
        const ids = JSON.parse(String(found?.["ids"])) as number[];
        return ids.length > most ? null : ids;
      } catch (cause) {
        if (cause instanceof AutodidactError) return null;
        throw cause;
      }
    },
    close: () => {
      database.close();
    },
  };
}

function storable(text: string): string {
  return text.replace(UNSTORABLE, "\ufffd");
}

/** A string of FTS5's query language, in which only the quote means something. */
function quoted(piece: string): string {
  return `"${piece.replaceAll('"', '""')}"`;
}

function piecesOf(term: string): string[] {
  const characters = [...storable(term)];
  return characters
    .slice(PIECE - 1)
    .map((_, i) => characters.slice(i, i + PIECE).join(""));
}
