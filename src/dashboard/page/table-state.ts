/**
 * @file How a table is looked at, as it stands in the address, so that it can be sent.
 */
import type { ColumnInfo, TableQuery } from "../api/api.js";
import { addressOf, queryText } from "./route.js";

export interface TableState {
  readonly sort: string | null;
  readonly direction: "up" | "down";
  /** Each `COLUMN:OP:VALUE`. */
  readonly filters: readonly string[];
  readonly search: string;
  /** Columns that are not shown; null for those that say least. */
  readonly hide: readonly string[] | null;
  /** Row that is open in place. */
  readonly open: number | null;
  /** Cursor after which the rows begin. */
  readonly after: string | null;
}

export function readTableState(query: URLSearchParams): TableState {
  const open = Number(query.get("open") ?? Number.NaN);
  return {
    sort: query.get("sort"),
    direction: query.get("direction") === "down" ? "down" : "up",
    filters: query.getAll("filter"),
    search: query.get("search") ?? "",
    hide: query.has("hide") ? query.getAll("hide") : null,
    open: Number.isInteger(open) ? open : null,
    after: query.get("after"),
  };
}

export function tableAddress(
  run: string,
  table: string,
  state: Partial<TableState>,
): string {
  const { sort = null, direction, filters, search, hide, open, after } = state;
  return addressOf(["run", run, "table", table], {
    sort,
    direction: sort === null ? null : direction,
    filter: filters,
    search,
    hide,
    open: open === null || open === undefined ? null : String(open),
    after,
  });
}

/** Stands in the address where nothing is hidden; no column is called so. */
const NOTHING_HIDDEN = "-";

const SAYING_LITTLE = new Set(["key", "weight_hash", "probabilities"]);

/** Columns that say little to a reader, or point to a row whose text stands beside. */
function hiddenByItself({ name }: ColumnInfo, names: Set<string>): boolean {
  const aim = name === "candidate_id" ? "answer" : name.replace(/_id$/, "");
  return SAYING_LITTLE.has(name) || (aim !== name && names.has(aim));
}

/** Names of the columns that are not shown. */
export function hiddenColumns(
  columns: readonly ColumnInfo[],
  { hide }: TableState,
): readonly string[] {
  if (hide !== null) return hide.filter((name) => name !== NOTHING_HIDDEN);
  const names = new Set(columns.map(({ name }) => name));
  return columns
    .filter((column) => hiddenByItself(column, names))
    .map(({ name }) => name);
}

/** The state's list for these hidden columns. */
export function hiding(names: readonly string[]): readonly string[] {
  return names.length === 0 ? [NOTHING_HIDDEN] : names;
}

/** The columns to show: the one that the rows are sorted by stands first after their number. */
export function shownColumns(
  columns: readonly ColumnInfo[],
  state: TableState,
): readonly ColumnInfo[] {
  const hidden = new Set(hiddenColumns(columns, state));
  const rank = ({ name }: ColumnInfo): number =>
    name === "id" ? 0 : name === state.sort ? 1 : 2;
  return columns
    .filter(({ name }) => name === state.sort || !hidden.has(name))
    .sort((a, b) => rank(a) - rank(b));
}

/** The part of the state that the server is asked with, without where the page begins. */
export function tableQueryText(state: TableState): string {
  const { sort, direction, filters, search } = state;
  const query = {
    ...(sort !== null && { sort, direction }),
    filter: filters,
    search,
  } satisfies TableQuery;
  return queryText(query);
}
