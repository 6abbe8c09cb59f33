/**
 * @file Who was written from whom: prompts, the examples shown to their authors, and the
 * seed tasks behind those.
 *
 * A prompt's examples are written down before any prompt is that was written from it, so
 * one pass over the examples in their order sees every ancestor first.
 */
import type { StoredTables } from "../../ledger/stored-tables.js";
import type { ColumnStore, TableColumns } from "./column-store.js";
import { PROMPT_SOURCES, type TableSpec } from "./table-specs.js";

export interface PromptGraph {
  /** Prompts whose author was shown row `id`, ascending, each once. */
  writtenFrom(
    column: "seed_task_id" | "source_prompt_id",
    id: number,
  ): Promise<readonly number[]>;
  /** Stages with training rows whose `column` is `id`. */
  stagesOfTrainingRows(column: string, id: number): Promise<readonly string[]>;
  /** All examples, in their order. */
  sources(): Promise<TableColumns>;
}

export function promptGraph(
  store: ColumnStore,
  trainingRows: TableSpec,
): PromptGraph {
  const loaded = async (spec: TableSpec): Promise<TableColumns> => {
    const columns = store.of(spec);
    await columns.catchUp();
    return columns;
  };
  return {
    sources: () => loaded(PROMPT_SOURCES),
    async writtenFrom(column, id) {
      const sources = await loaded(PROMPT_SOURCES);
      return [...valuesWhere(sources, column, id, "prompt_id")].map(Number);
    },
    async stagesOfTrainingRows(column, id) {
      const rows = await loaded(trainingRows);
      return [...valuesWhere(rows, column, id, "stage")].map(String);
    },
  };
}

/** Distinct values of `wanted` among rows whose `column` is `id`. */
function valuesWhere(
  table: TableColumns,
  column: string,
  id: number,
  wanted: string,
): ReadonlySet<string | number | null> {
  const [keys, values] = [table.column(column), table.column(wanted)];
  const found = new Set<string | number | null>();
  if (keys === undefined || values === undefined) return found;
  for (let row = 1; row <= table.loaded; row++)
    if (keys.at(row) === id) found.add(values.valueOf(row));
  return found;
}

/** By prompt id, 1 where seed task `seed` is behind it. */
export async function descendantPrompts(
  graph: PromptGraph,
  seed: number,
): Promise<Uint8Array> {
  const sources = await graph.sources();
  const prompts = sources.column("prompt_id");
  const seeds = sources.column("seed_task_id");
  const parents = sources.column("source_prompt_id");
  const last = prompts?.at(sources.loaded) ?? NaN;
  const member = new Uint8Array(Number.isNaN(last) ? 0 : last + 1);
  for (let row = 1; row <= sources.loaded; row++) {
    const parent = parents?.at(row) ?? NaN;
    if (seeds?.at(row) === seed || member[parent] === 1)
      member[prompts?.at(row) ?? NaN] = 1;
  }
  return member;
}

export interface Ancestors {
  readonly direct: {
    readonly seeds: readonly number[];
    readonly prompts: readonly number[];
  };
  /** Seed tasks behind it over any number of steps, ascending. */
  readonly seeds: readonly number[];
}

/** What prompt `id` was written from. */
export function ancestorsOf(ledger: StoredTables, id: number): Ancestors {
  const direct = sourcesOf(ledger, [id]);
  const seeds = new Set(direct.seeds);
  const seen = new Set([id, ...direct.prompts]);
  for (let step = direct.prompts; step.length > 0;) {
    const before = sourcesOf(ledger, step);
    for (const seed of before.seeds) seeds.add(seed);
    step = before.prompts.filter((prompt) => !seen.has(prompt));
    for (const prompt of step) seen.add(prompt);
  }
  return { direct, seeds: [...seeds].sort((a, b) => a - b) };
}

/** Examples of prompts, each once, in the order shown. */
function sourcesOf(
  ledger: StoredTables,
  prompts: readonly number[],
): Ancestors["direct"] {
  const ids = ledger.referring("prompt_sources", "prompt_id", prompts);
  const rows = ledger.rows("prompt_sources", ids, {
    columns: [
      { name: "seed_task_id", kind: "integer" },
      { name: "source_prompt_id", kind: "integer" },
    ],
    longest: 0,
  });
  const distinct = (column: string): number[] => [
    ...new Set(
      rows.flatMap((row) =>
        typeof row[column] === "number" ? [row[column]] : [],
      ),
    ),
  ];
  return {
    seeds: distinct("seed_task_id"),
    prompts: distinct("source_prompt_id"),
  };
}
