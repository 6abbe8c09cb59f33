/**
 * @file Keeps what is sorted, filtered and searched by up to the ledger, in the background:
 * begun by the first who asks, gone on with by whoever asks later.
 */
import type { StoredTables } from "../../ledger/stored-tables.js";
import type { Selecting } from "./select-rows.js";
import type { TextIndex } from "./text-index.js";
import { indexName, indexTexts } from "./text-indexing.js";
import { TABLES, type TableSpec } from "./table-specs.js";

export interface Indexing {
  /** Begins, unless it is under way or there is nothing to do. */
  goOn(): void;
  /** Resolves when everything that is there now is indexed. */
  finish(): Promise<void>;
  stop(): void;
}

export function startIndexing(parts: Selecting): Indexing {
  const stopping = new AbortController();
  let working: Promise<void> | null = null;
  const begin = (): Promise<void> => {
    working ??= indexAll(parts, stopping.signal).finally(() => {
      working = null;
    });
    return working;
  };
  return {
    goOn() {
      if (TABLES.every((spec) => isIndexed(parts, spec))) return;
      // Who asks for a page meets the same failure, and tells it.
      begin().catch(() => undefined);
    },
    async finish() {
      await working;
      await begin();
    },
    stop() {
      stopping.abort();
    },
  };
}

/** Columns of all tables first: they are fast. */
async function indexAll(parts: Selecting, signal: AbortSignal): Promise<void> {
  const { ledger, store, computed, texts } = parts;
  for (const spec of TABLES) await store.of(spec).catchUp(signal);
  for (const { columns } of TABLES)
    for (const { computed: name } of columns)
      if (name !== undefined) await computed.catchUp(name, signal);
  for (const spec of TABLES) await indexTexts(ledger, texts, spec, signal);
}

export function isIndexed(
  { ledger, store, computed, texts }: Selecting,
  spec: TableSpec,
): boolean {
  const name = indexName(spec);
  return (
    store.of(spec).upToDate &&
    (name === null || texts.last(name) >= ledger.lastId(spec.base)) &&
    spec.columns.every(
      (column) =>
        column.computed === undefined || computed.upToDate(column.computed),
    )
  );
}

/** Whether an index is of no more rows than the ledger has. */
export function indexFits(ledger: StoredTables, index: TextIndex): boolean {
  return TABLES.every((spec) => {
    const name = indexName(spec);
    return name === null || index.last(name) <= ledger.lastId(spec.base);
  });
}
