/**
 * @file The order of the stages of a run.
 *
 * Invariants: the recorded stages are a prefix of the stages the program asks
 * for, name by name and input by input; only the last recorded stage may be open.
 */
import { type Clock, timestamp } from "../foundation/clock.js";
import { crashPoint } from "../foundation/crash-point.js";
import { AutodidactError } from "../foundation/error.js";
import type { LedgerDatabase, SqlRow } from "./database.js";
import { Stage } from "./stage.js";
import type { Usage } from "./stage-usage.js";

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
    const previous = this.#last();
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

  /** Counts what models were asked for the last stage. */
  spend(usage: Usage): void {
    this.#last()?.spend(usage);
  }

  #last(): Stage | undefined {
    return [...this.#asked.values()].at(-1);
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
