/**
 * @file Rows of instruction data in the public formats that this program shares
 * with others.
 */

/** One worked example of a seed task; `input` is empty when none is needed. */
export interface SeedInstance {
  readonly input: string;
  readonly output: string;
}

/** A task in the format of the Self-Instruct release (`seed_tasks.jsonl`). */
export interface SeedTask {
  readonly id: string;
  readonly name: string;
  readonly instruction: string;
  readonly instances: readonly SeedInstance[];
  readonly is_classification: boolean;
}

/** A row of Stanford Alpaca's JSON. */
export interface AlpacaRow {
  readonly instruction: string;
  readonly input: string;
  readonly output: string;
}
