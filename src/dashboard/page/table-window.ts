/**
 * @file The rows of a table that are near what is seen. Pages come one after the other by
 * their cursors as somebody scrolls; those far away are dropped and asked for again when
 * needed, so that memory stays flat. One scrollbar reaches `ROWS_A_SCROLL` rows; the
 * address goes on from there.
 */
import { useEffect, useState } from "preact/hooks";
import type { TablePage, TableRow } from "../api/api.js";
import type { PageError } from "./server.js";
import { askPatiently } from "./use-answer.js";

const ROWS_A_PAGE = 100;
const ROWS_A_SCROLL = 20_000;
/** Pages kept on either side of the one that came last. */
const PAGES_BESIDE = 4;

interface Held {
  readonly address: string;
  /** Cursor before each page that can be asked for; null before the first row of all. */
  readonly cursors: readonly (string | null)[];
  /** Index of the first row of each page that was seen, and of the row after the last. */
  readonly starts: readonly number[];
  readonly pages: ReadonlyMap<number, readonly TableRow[]>;
  readonly total: number | null;
}

export interface Visible {
  readonly first: number;
  readonly last: number;
}

export interface TableWindow {
  /** Rows that the scrollbar reaches so far. */
  readonly count: number;
  /** Undefined while it is not here. */
  readonly rowAt: (index: number) => TableRow | undefined;
  /** Whether the table goes on after `count`, and more comes by scrolling. */
  readonly open: boolean;
  /** Cursor to go on from where this scrollbar ends; null where it does not. */
  readonly goOn: string | null;
  readonly total: number | null;
  /** Whether the first page is here. */
  readonly begun: boolean;
  readonly failure: PageError | null;
}

function emptyWindow(address: string, after: string | null): Held {
  return {
    address,
    cursors: [after],
    starts: [0],
    pages: new Map(),
    total: null,
  };
}

function pageOf({ starts }: Held, index: number): number {
  const next = starts.findIndex((start) => start > index);
  return next < 0 ? starts.length - 1 : next - 1;
}

function countOf({ starts }: Held): number {
  return starts.at(-1) ?? 0;
}

function goesOn(held: Held): boolean {
  return (
    held.cursors.length === held.starts.length && countOf(held) < ROWS_A_SCROLL
  );
}

/** The page to ask for next: one that is seen and not here, else one that follows. */
function wantedPage(held: Held, { first, last }: Visible): number | null {
  const seen = held.starts.length - 1;
  for (let page = pageOf(held, first); page < seen; page++) {
    if ((held.starts[page] ?? 0) > last) return null;
    if (!held.pages.has(page)) return page;
  }
  return goesOn(held) && last >= countOf(held) - ROWS_A_PAGE / 2 ? seen : null;
}

function withPage(held: Held, index: number, page: TablePage): Held {
  const near = [...held.pages].filter(
    ([other]) => Math.abs(other - index) <= PAGES_BESIDE,
  );
  const isNew = index === held.starts.length - 1;
  return {
    ...held,
    pages: new Map([...near, [index, page.rows]]),
    total: page.total ?? held.total,
    starts: isNew
      ? [...held.starts, countOf(held) + page.rows.length]
      : held.starts,
    cursors:
      isNew && page.next !== null ? [...held.cursors, page.next] : held.cursors,
  };
}

/**
 * @param address of the table's pages with sort, filters and search; ends in `?` or `&`
 * @param after cursor at which the rows begin
 */
export function useTableWindow(
  address: string,
  after: string | null,
  visible: Visible,
): TableWindow {
  const name = `${address} ${after ?? ""}`;
  const [stored, setStored] = useState(() => emptyWindow(name, after));
  const held = stored.address === name ? stored : emptyWindow(name, after);
  const [failed, setFailed] = useState<[string, PageError] | null>(null);
  const wanted = wantedPage(held, visible);
  const cursor = wanted === null ? null : (held.cursors[wanted] ?? null);
  useEffect(() => {
    if (wanted === null) return undefined;
    const leaving = new AbortController();
    const next =
      cursor === null
        ? `${address}limit=${ROWS_A_PAGE}`
        : `${address}limit=${ROWS_A_PAGE}&after=${encodeURIComponent(cursor)}`;
    void askPatiently<TablePage>(next, leaving.signal, (failure) => {
      setFailed([name, failure]);
    }).then((page) => {
      if (page === null) return;
      setFailed(null);
      setStored((before) =>
        withPage(
          before.address === name ? before : emptyWindow(name, after),
          wanted,
          page,
        ),
      );
    });
    return () => {
      leaving.abort();
    };
  }, [name, wanted, cursor]);
  const count = countOf(held);
  const open = goesOn(held);
  return {
    count,
    rowAt: (index) => {
      const page = pageOf(held, index);
      return held.pages.get(page)?.[index - (held.starts[page] ?? 0)];
    },
    open,
    goOn:
      !open && held.cursors.length === held.starts.length
        ? (held.cursors.at(-1) ?? null)
        : null,
    total: held.total,
    begun: held.starts.length > 1,
    failure: failed?.[0] === name ? failed[1] : null,
  };
}
