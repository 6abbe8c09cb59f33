/**
 * @file Which rows of a table a page holds, in their order.
 *
 * Without order and filter the ledger itself gives them, at once. Otherwise one pass over
 * the columns finds the next rows, and some more for the pages after. Texts are looked at
 * in the ledger: of the rows that the full-text index names where they are few, else of
 * the rows in their order until the page is full or its time is up. A page whose time is
 * up is short, and says where to go on.
 */
import type { Clock } from "../../foundation/clock.js";
import type { StoredTables } from "../../ledger/stored-tables.js";
import type { TableQuery } from "../api/api.js";
import { DashboardFailure } from "../api/failure.js";
import type { ColumnStore, TableColumns } from "./column-store.js";
import type { ComputedColumns } from "./computed-columns.js";
import { readCursor } from "./cursor.js";
import { scanRows, type Position, type Scan } from "./ordered-scan.js";
import type { RowsAhead } from "./rows-ahead.js";
import { parseFilter, valueTest } from "./row-filter.js";
import {
  columnNamed,
  type ShownColumn,
  type TableSpec,
} from "./table-specs.js";
import {
  keepMatching,
  rowsToLookAt,
  textSearch,
  type TextSearch,
} from "./text-search.js";
import type { TextIndex } from "./text-index.js";

export interface Selecting {
  readonly ledger: StoredTables;
  readonly store: ColumnStore;
  readonly computed: ComputedColumns;
  readonly texts: TextIndex;
  readonly ahead: RowsAhead;
  readonly clock: Clock;
}

export interface Selected {
  readonly ids: readonly number[];
  /** Null on the last page. */
  readonly next: Position | null;
  readonly total: number | null;
}

type PageQuery = TableQuery & { readonly limit: number };
type Order = Scan["order"];

/** Candidates of the index of which all are looked at before anything else. */
const FEW = 1000;
/** Longest that a page looks at texts, ms. */
const PATIENCE = 120;
/** Rows looked at together; it grows as long as nothing is found. */
const FIRST_LOOK = 400;
const MOST_LOOK = 6400;

export async function selectRows(
  parts: Selecting,
  spec: TableSpec,
  query: PageQuery,
): Promise<Selected> {
  const filters = (query.filter ?? []).map((one) => parseFilter(spec, one));
  const search = textSearch(spec, filters, query.search);
  const sort = sortColumn(spec, query.sort);
  const after = readCursor(query.after);
  const down = query.direction === "down";
  const plain = sort.name === "id" && filters.length === 0;
  if (plain && search === null && spec.stage === null)
    return inLedgerOrder(parts.ledger, spec, { ...query, down, after });
  const columns = parts.store.of(spec);
  await columns.catchUp();
  const values = (column: ShownColumn) => valuesOf(parts, columns, column);
  const tests = stageTests(columns, spec);
  for (const filter of filters)
    if (filter.column.sortable)
      tests.push(valueTest(filter, await values(filter.column)));
  const order = { values: await values(sort), down };
  const scan = { order, tests, last: columns.loaded, only: null, after };
  if (search === null) {
    const { after: _after, ...same } = query;
    const found = parts.ahead.rows(JSON.stringify([spec.name, same]), {
      ...scan,
      count: query.limit + 1,
    });
    return { ...cutAt(found.ids, query.limit, order), total: found.total };
  }
  return withText(parts, spec, { scan, search, limit: query.limit });
}

function withText(
  parts: Selecting,
  spec: TableSpec,
  wanted: {
    readonly scan: Omit<Scan, "count">;
    readonly search: TextSearch;
    readonly limit: number;
  },
): Selected {
  const { scan, search, limit } = wanted;
  const only = rowsToLookAt(parts.texts, spec, search, scan.last);
  if (only === null || only.length > FEW)
    return lookAlong(parts, spec, { ...wanted, scan: { ...scan, only } });
  const matching = keepMatching(parts.ledger, spec, search, only);
  const found = scanRows({ ...scan, only: matching, count: limit + 1 });
  return { ...cutAt(found.ids, limit, scan.order), total: found.total };
}

/** Looks at rows in their order until there are enough, or the time is up. */
function lookAlong(
  { ledger, clock }: Selecting,
  spec: TableSpec,
  {
    scan,
    search,
    limit,
  }: {
    readonly scan: Omit<Scan, "count">;
    readonly search: TextSearch;
    readonly limit: number;
  },
): Selected {
  const { order } = scan;
  const end = clock.monotonic() + PATIENCE;
  const found: number[] = [];
  let after = scan.after;
  for (let look = FIRST_LOOK; ; look = Math.min(MOST_LOOK, 2 * look)) {
    const { ids } = scanRows({ ...scan, after, count: look });
    for (let from = 0; from < ids.length; from += FIRST_LOOK) {
      const some = ids.slice(from, from + FIRST_LOOK);
      found.push(...keepMatching(ledger, spec, search, some));
      if (found.length > limit)
        return { ...cutAt(found, limit, order), total: null };
      after = positionOf(some.at(-1) as number, order);
      if (clock.monotonic() > end)
        return { ids: found, next: after, total: null };
    }
    if (ids.length < look) {
      const total = scan.after === null ? found.length : null;
      return { ids: found, next: null, total };
    }
  }
}

function positionOf(id: number, { values }: Order): Position {
  return { value: values === "id" ? null : values.valueOf(id), id };
}

/** The page of ids, and where it ended if there are more. */
function cutAt(
  ids: readonly number[],
  limit: number,
  order: Order,
): Pick<Selected, "ids" | "next"> {
  const page = ids.slice(0, limit);
  const last = page.at(-1);
  const more = ids.length > limit && last !== undefined;
  return { ids: page, next: more ? positionOf(last, order) : null };
}

function inLedgerOrder(
  ledger: StoredTables,
  { base }: TableSpec,
  page: {
    readonly down: boolean;
    readonly after: Position | null;
    readonly limit: number;
  },
): Selected {
  const { down, after, limit } = page;
  const found = ledger.page(base, { after: after?.id, down, limit: limit + 1 });
  const order = { values: "id", down } as const;
  return { ...cutAt(found, limit, order), total: ledger.lastId(base) };
}

/** @throws DashboardFailure USAGE */
function sortColumn(spec: TableSpec, name = "id"): ShownColumn {
  const column = columnNamed(spec, name);
  if (column?.sortable === true) return column;
  throw new DashboardFailure(
    "USAGE",
    `Rows of ${spec.name} cannot be sorted by "${name.slice(0, 100)}". Name one of its sortable columns.`,
  );
}

async function valuesOf(
  { computed }: Selecting,
  columns: TableColumns,
  column: ShownColumn,
): Promise<Order["values"]> {
  if (column.name === "id") return "id";
  if (column.computed !== undefined) await computed.catchUp(column.computed);
  const values =
    column.computed === undefined
      ? columns.column(column.name)
      : computed.column(column.computed);
  if (values !== undefined) return values;
  throw new DashboardFailure(
    "USAGE",
    `The values of ${column.name} are not kept. Choose another column.`,
  );
}

/** Of a table that shows the rows of one stage. */
function stageTests(
  columns: TableColumns,
  { stage }: TableSpec,
): ((id: number) => boolean)[] {
  const stages = columns.column("stage");
  if (stage === null || stages === undefined) return [];
  const place = stages.words?.indexOf(stage) ?? -1;
  return [(id) => stages.at(id) === place];
}
