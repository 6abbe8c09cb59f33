/**
 * @file What a query asks of texts: the words searched for, and filters on columns that
 * hold prose or JSON. The index narrows it down, the rows themselves decide.
 */
import type { StoredTables } from "../../ledger/stored-tables.js";
import type { ColumnFilter } from "./row-filter.js";
import { searchTerms, termsOf, type SearchTerms } from "./search-terms.js";
import { wholeRows } from "./shown-rows.js";
import type { ShownColumn, TableSpec } from "./table-specs.js";
import type { TextIndex } from "./text-index.js";
import {
  indexName,
  SEARCHED_LENGTH,
  searchedColumns,
  textsOf,
} from "./text-indexing.js";

export interface TextSearch {
  /** Of the search, in any of the searched columns. */
  readonly words: SearchTerms;
  readonly searched: readonly ShownColumn[];
  readonly filters: readonly ColumnFilter[];
  /** What the index can be asked for. */
  readonly terms: readonly string[];
}

/** Most rows of the index's answer that are taken; of more, one looks along the order. */
const MOST_CANDIDATES = 50_000;
/** Newest rows that may lack in the index. */
const MOST_BEHIND = 5000;

/** Null where nothing is asked of texts. */
export function textSearch(
  spec: TableSpec,
  filters: readonly ColumnFilter[],
  search = "",
): TextSearch | null {
  const words = searchTerms(search);
  const onTexts = filters.filter(({ column }) => !column.sortable);
  if (words.terms.length === 0 && onTexts.length === 0) return null;
  const inIndex = onTexts.filter(
    ({ column, operation }) => column.searched && operation !== "ne",
  );
  return {
    words,
    searched: searchedColumns(spec),
    filters: onTexts,
    terms: [
      ...words.terms,
      ...termsOf(inIndex.map(({ value }) => value)).terms,
    ],
  };
}

/** Rows among which all that match are; null where they are too many to name. */
export function rowsToLookAt(
  index: TextIndex,
  spec: TableSpec,
  { terms }: TextSearch,
  last: number,
): readonly number[] | null {
  const name = indexName(spec);
  if (name === null) return null;
  const known = index.last(name);
  if (last - known > MOST_BEHIND) return null;
  const found = index.candidates(name, terms, MOST_CANDIDATES);
  if (found === null) return null;
  const newer = Math.max(0, last - known);
  return [...found, ...Array.from({ length: newer }, (_, i) => known + 1 + i)];
}

/** Those of `ids` whose texts hold what is asked. */
export function keepMatching(
  ledger: StoredTables,
  spec: TableSpec,
  search: TextSearch,
  ids: readonly number[],
): number[] {
  const { words, searched, filters } = search;
  const columns = [
    ...new Set([
      ...(words.terms.length > 0 ? searched : []),
      ...filters.map(({ column }) => column),
    ]),
  ];
  return wholeRows(ledger, spec, { ids, columns, longest: SEARCHED_LENGTH })
    .filter(
      (row) =>
        words.matches(textsOf(row, searched)) &&
        filters.every((filter) =>
          passes(filter, textsOf(row, [filter.column])),
        ),
    )
    .map((row) => Number(row["id"]));
}

function passes(
  { operation, value }: ColumnFilter,
  [text = ""]: readonly string[],
): boolean {
  switch (operation) {
    case "has":
      return text.toLowerCase().includes(value.toLowerCase());
    case "ne":
      return text !== value;
    default:
      return text === value;
  }
}
