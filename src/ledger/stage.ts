/**
 * @file One stage of a run: its rows, its progress and its end.
 *
 * Invariants: rows and their stage are written together or not at all; a complete
 * stage takes no new row and has requested = accepted + rejected + failed.
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
import {
  type CountedStage,
  type Counts,
  imbalance,
  pendingOf,
} from "./stage-counts.js";
import { NO_USAGE, sumOf, type Usage } from "./stage-usage.js";

export interface StageResult extends Counts {
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
  /** Monotonic milliseconds when this process came to the stage. */
  readonly #opened: number;
  /** Seconds that earlier processes worked on it. */
  readonly #earlier: number;

  /** What models were asked since the last row. */
  #spent = NO_USAGE;

  /** Made by the ledger only. */
  constructor(database: LedgerDatabase, clock: Clock, stored: SqlRow) {
    this.#database = database;
    this.#clock = clock;
    this.#opened = clock.monotonic();
    this.#earlier = Number(stored["seconds"]);
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

  /** Counts what models were asked for the rows that come next. */
  spend(usage: Usage): void {
    this.#spent = sumOf(this.#spent, usage);
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
        this.#database.run(
          "UPDATE stages SET rows = rows + ?, seconds = ? WHERE id = ?",
          [added, this.#seconds(), this.id],
        );
        this.#recordSpent();
      }
      if (rows.length > 0) this.#spent = NO_USAGE;
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
      "UPDATE stages SET requested = ?, accepted = ?, rejected = ?, failed = ?, seconds = ? WHERE id = ?",
      [
        counts.requested,
        counts.accepted,
        counts.rejected,
        counts.failed,
        this.#seconds(),
        this.id,
      ],
    );
    this.#recordSpent();
    this.#spent = NO_USAGE;
  }

  /**
   * Ends the stage.
   * @throws IMBALANCE when requested ≠ accepted + rejected + failed; LEDGER when
   *   it is already complete
   */
  complete(completion: StageResult): void {
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

  #recordSpent(): void {
    const { requests, tokensIn, tokensOut, cost } = this.#spent;
    if (requests === 0) return;
    this.#database.run(
      "UPDATE stages SET requests = requests + ?, tokens_in = tokens_in + ?, tokens_out = tokens_out + ?, cost = cost + ? WHERE id = ?",
      [requests, tokensIn, tokensOut, cost, this.id],
    );
  }

  /** Working time so far; a killed process loses what it worked since its last row. */
  #seconds(): number {
    return this.#earlier + (this.#clock.monotonic() - this.#opened) / 1000;
  }

  #where(): CountedStage {
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
      { ...this.#where() },
    );
  }
}
