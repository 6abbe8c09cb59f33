/**
 * @file Rows found beyond a page, kept for the pages after it, so that paging to the end
 * does not pass over the whole table for each page.
 */
import { scanRows, type Scan, type Scanned } from "./ordered-scan.js";

/** Rows found in one pass. */
const AHEAD = 4000;
/** Queries remembered. */
const KEPT = 4;

export interface RowsAhead {
  /** As `scanRows`. @param query tells it from others; the place it goes on from is not in it */
  rows(query: string, scan: Scan): Scanned;
}

export function rowsAhead(): RowsAhead {
  const known = new Map<string, Scanned & { readonly last: number }>();
  return {
    rows(query, scan) {
      const { after, count, last } = scan;
      const before = known.get(query);
      if (before?.last === last && after !== null) {
        const from = before.ids.indexOf(after.id) + 1;
        const ids = before.ids.slice(from, from + count);
        if (from > 0 && ids.length === count)
          return { ids, total: before.total };
      }
      const wanted = after === null ? count : Math.max(AHEAD, count);
      const found = scanRows({ ...scan, count: wanted });
      known.delete(query);
      known.set(query, { ...found, last });
      const [oldest] = known.keys();
      if (known.size > KEPT && oldest !== undefined) known.delete(oldest);
      return { ids: found.ids.slice(0, count), total: found.total };
    },
  };
}
