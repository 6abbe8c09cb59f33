/**
 * @file The stages of a run: what was asked, in which order, and whether the
 * counts balance.
 *
 * Invariants: the recorded stages are a prefix of the stages the program asks
 * for, name by name and input by input; only the last recorded stage may be
 * open; a complete stage has requested = accepted + rejected + failed.
 */
import { type Clock, timestamp } from "../foundation/clock.js";
import { crashPoint } from "../foundation/crash-point.js";
import { AutodidactError } from "../foundation/error.js";
import { json, nullable } from "./codecs.js";
import type { LedgerDatabase, SqlRow } from "./database.js";
import type { NewRow, Row, TableName } from "./records.js";
import {
  countRecords,
  findRecord,
  insertRecords,
  readRecords,
  type ReadOptions,
} from "./record-store.js";

/** Whole numbers ≥ 0, in whatever unit the stage works in (prompts, candidates, pairs, steps). */
export interface Counts {
  readonly requested: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly failed: number;
}

export interface StageCounts extends Counts {
  readonly name: string;
  readonly status: "open" | "complete";
  /** requested − accepted − rejected − failed; 0 in a complete stage. */
  readonly pending: number;
  /** Record rows written in this stage, all tables together. */
  readonly rows: number;
  /** ISO times. */
  readonly begun: string;
  readonly completed: string | null;
}

export interface Completion extends Counts {
  /** JSON that later stages need when this one is not run again: a weight hash, a path. */
  readonly output?: unknown;
}

export interface NewPrompt extends NewRow<"prompts"> {
  /** The examples shown to its author, in the order shown. */
  readonly sources?: readonly (
    { readonly seedTaskId: number } | { readonly sourcePromptId: number }
  )[];
}

/** One stage, begun or replayed. */
export class Stage {
  readonly id: number;
  readonly name: string;
  readonly #database: LedgerDatabase;
  readonly #clock: Clock;

  /** Made by the ledger only. */
  constructor(database: LedgerDatabase, clock: Clock, stored: SqlRow) {
    this.#database = database;
    this.#clock = clock;
    this.id = Number(stored["id"]);
    this.name = String(stored["name"]);
  }

  /** True when this stage was completed, now or in an earlier process: nothing is left to do. */
  get done(): boolean {
    return this.#stored()["completed"] !== null;
  }

  /** What `complete` was given as `output`; null before, or when it was given none. */
  get output(): unknown {
    const { output } = this.#stored();
    return nullable(json).decode(output ?? null, "stages.output");
  }

  /**
   * Writes rows, all or none, and gives their ids in order. A row already there
   * is not written again. In a complete stage only rows already there may be given.
   * @throws LEDGER: same key with other content, new row in a complete stage,
   *   a value the table refuses
   */
  insert<T extends TableName>(table: T, rows: readonly NewRow<T>[]): number[] {
    return this.#database.transaction(() => {
      const target = { table, stageId: this.id, stageName: this.name };
      const { ids, added } = insertRecords(this.#database, target, rows);
      if (added > 0 && this.done) {
        throw new AutodidactError(
          "LEDGER",
          `Stage "${this.name}" of ${this.#database.path} is complete, yet ${added} new row(s) of ${table} are asked for. The program or its inputs changed since; start afresh in another folder with --run-dir.`,
          { path: this.#database.path, stage: this.name, table, added },
        );
      }
      if (added > 0) {
        this.#database.run("UPDATE stages SET rows = rows + ? WHERE id = ?", [
          added,
          this.id,
        ]);
      }
      return ids;
    });
  }

  /** Writes prompts together with the examples each was written from. */
  insertPrompts(prompts: readonly NewPrompt[]): number[] {
    return this.#database.transaction(() => {
      const ids = this.insert("prompts", prompts);
      const sources = prompts.flatMap((prompt, index) =>
        (prompt.sources ?? []).map((source, position) => ({
          key: `${prompt.key}/${position}`,
          promptId: ids[index] as number,
          position,
          ...source,
        })),
      );
      this.insert("prompt_sources", sources);
      return ids;
    });
  }

  /** Rows of this stage, in the order written. */
  read<T extends TableName>(
    table: T,
    options: Omit<ReadOptions<T>, "stage"> = {},
  ): IterableIterator<Row<T>> {
    return readRecords(this.#database, table, { ...options, stage: this.name });
  }

  /** The row of this stage with this key. */
  find<T extends TableName>(table: T, key: string): Row<T> | undefined {
    return findRecord(this.#database, { table, stageId: this.id }, key);
  }

  count(table: TableName): number {
    return countRecords(this.#database, table, { stage: this.name });
  }

  /**
   * Records how far an open stage is, for those who watch.
   * @throws IMBALANCE when more is accounted for than was requested
   */
  progress(counts: Counts): void {
    this.#requireOpen("progress");
    const pending = pendingOf(counts, this.#where());
    if (pending < 0) throw imbalance(counts, this.#where());
    this.#database.run(
      "UPDATE stages SET requested = ?, accepted = ?, rejected = ?, failed = ? WHERE id = ?",
      [
        counts.requested,
        counts.accepted,
        counts.rejected,
        counts.failed,
        this.id,
      ],
    );
  }

  /**
   * Ends the stage.
   * @throws IMBALANCE when requested ≠ accepted + rejected + failed; LEDGER when
   *   it is already complete
   */
  complete(completion: Completion): void {
    this.#requireOpen("complete");
    if (pendingOf(completion, this.#where()) !== 0)
      throw imbalance(completion, this.#where());
    const output = nullable(json).encode(
      completion.output,
      `the output of stage "${this.name}"`,
    );
    this.#database.transaction(() => {
      this.progress(completion);
      this.#database.run(
        "UPDATE stages SET output = ?, completed = ? WHERE id = ?",
        [output, timestamp(this.#clock), this.id],
      );
    });
    crashPoint("stage-complete");
  }

  #where(): { readonly path: string; readonly stage: string } {
    return { path: this.#database.path, stage: this.name };
  }

  /** Read each time, so that a transaction that was undone undoes this too. */
  #stored(): SqlRow {
    const stored = this.#database.first(
      "SELECT output, completed FROM stages WHERE id = ?",
      [this.id],
    );
    return stored as SqlRow;
  }

  #requireOpen(action: string): void {
    if (!this.done) return;
    throw new AutodidactError(
      "LEDGER",
      `Stage "${this.name}" of ${this.#database.path} is complete and cannot ${action} again. Check \`done\` before working on a stage.`,
      this.#where(),
    );
  }
}

/** Walks the stages of a run in the order the program asks for them. */
export class StageSequence {
  readonly #database: LedgerDatabase;
  readonly #clock: Clock;
  readonly #asked = new Map<string, Stage>();

  constructor(database: LedgerDatabase, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /**
   * The next stage, begun now or found as recorded.
   * @throws LEDGER naming both stages when the recorded one is another, was made
   *   from other inputs, or the one before is still open
   */
  next(name: string, inputHash: string): Stage {
    const known = this.#asked.get(name);
    if (known !== undefined) {
      throw this.#error(
        `Stage "${name}" was asked for twice in one run. Give every stage its own name.`,
        name,
      );
    }
    if (this.#database.inTransaction) {
      throw this.#error(
        `Stage "${name}" cannot begin inside a transaction. Begin it first.`,
        name,
      );
    }
    const position = this.#asked.size;
    const previous = [...this.#asked.values()].at(-1);
    if (previous?.done === false) {
      throw this.#error(
        `Stage "${name}" cannot begin while stage "${previous.name}" is not complete. Complete it first.`,
        name,
      );
    }
    const recorded = this.#recorded(position);
    if (recorded !== undefined)
      this.#requireSame(recorded, { name, inputHash });
    const stage = new Stage(
      this.#database,
      this.#clock,
      recorded ?? this.#begin(position, { name, inputHash }),
    );
    this.#asked.set(name, stage);
    return stage;
  }

  /** @throws LEDGER when a stage is open, or recorded but not asked for in this process */
  requireFinished(): void {
    const open = [...this.#asked.values()].find((stage) => !stage.done);
    if (open !== undefined) {
      throw this.#error(
        `The run cannot finish: stage "${open.name}" is not complete.`,
        open.name,
      );
    }
    const extra = this.#recorded(this.#asked.size);
    if (extra === undefined) return;
    const name = String(extra["name"]);
    throw this.#error(
      `The ledger holds stage "${name}", which this program does not ask for after ${this.#asked.size} stages: it was made by a longer plan. Use the program and recipe that made it, or another folder with --run-dir.`,
      name,
    );
  }

  /** Stage ids are 1, 2, 3 … in the order begun. */
  #recorded(position: number): SqlRow | undefined {
    return this.#database.first("SELECT * FROM stages WHERE id = ?", [
      position + 1,
    ]);
  }

  #begin(
    position: number,
    asked: { readonly name: string; readonly inputHash: string },
  ): SqlRow {
    this.#database.run(
      "INSERT INTO stages (id, name, input_hash, begun) VALUES (?, ?, ?, ?)",
      [position + 1, asked.name, asked.inputHash, timestamp(this.#clock)],
    );
    crashPoint("stage-begin");
    return this.#recorded(position) as SqlRow;
  }

  #requireSame(
    recorded: SqlRow,
    asked: { readonly name: string; readonly inputHash: string },
  ): void {
    const { name, input_hash: inputHash } = recorded;
    if (name !== asked.name) {
      throw this.#error(
        `The ledger recorded stage "${String(name)}" where the program now asks for stage "${asked.name}". The program or the recipe changed; use the one that made this run, or another folder with --run-dir.`,
        asked.name,
        { recorded: String(name) },
      );
    }
    if (inputHash !== asked.inputHash) {
      throw this.#error(
        `Stage "${asked.name}" was recorded for inputs ${String(inputHash)} and is now asked for with inputs ${asked.inputHash}. Something it reads changed since; restore it, or use another folder with --run-dir.`,
        asked.name,
        { recorded: String(inputHash), asked: asked.inputHash },
      );
    }
  }

  #error(
    message: string,
    stage: string,
    more: Readonly<Record<string, string>> = {},
  ): AutodidactError {
    const { path } = this.#database;
    return new AutodidactError("LEDGER", `${message} (${path})`, {
      path,
      stage,
      ...more,
    });
  }
}

/** Counts of every recorded stage, in order. */
export function stageCounts(database: LedgerDatabase): StageCounts[] {
  return database.all("SELECT * FROM stages ORDER BY id").map((stored) => {
    const counts = {
      requested: Number(stored["requested"]),
      accepted: Number(stored["accepted"]),
      rejected: Number(stored["rejected"]),
      failed: Number(stored["failed"]),
    };
    const completed = stored["completed"];
    return {
      ...counts,
      name: String(stored["name"]),
      status: completed === null ? "open" : "complete",
      pending:
        counts.requested - counts.accepted - counts.rejected - counts.failed,
      rows: Number(stored["rows"]),
      begun: String(stored["begun"]),
      completed: typeof completed === "string" ? completed : null,
    };
  });
}

function pendingOf(
  { requested, accepted, rejected, failed }: Counts,
  where: { readonly path: string; readonly stage: string },
): number {
  for (const [name, count] of Object.entries({
    requested,
    accepted,
    rejected,
    failed,
  })) {
    if (Number.isSafeInteger(count) && count >= 0) continue;
    throw new AutodidactError(
      "IMBALANCE",
      `Stage "${where.stage}" of ${where.path} counts ${String(count)} ${name}; a whole number of at least 0 was expected. The run must not be trusted.`,
      { ...where, count: name, value: String(count) },
    );
  }
  return requested - accepted - rejected - failed;
}

function imbalance(
  counts: Counts,
  where: { readonly path: string; readonly stage: string },
): AutodidactError {
  const { requested, accepted, rejected, failed } = counts;
  return new AutodidactError(
    "IMBALANCE",
    `Stage "${where.stage}" of ${where.path} does not balance: ${requested} requested, but ${accepted} accepted + ${rejected} rejected + ${failed} failed = ${accepted + rejected + failed}. The run must not be trusted; report this with the run folder.`,
    { ...where, requested, accepted, rejected, failed },
  );
}
