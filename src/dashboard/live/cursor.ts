/**
 * @file What a page has seen of a run's ledger, as a word that it gives back when it asks
 * for more: which ledger, and the newest row of each table that is followed.
 */

/** Tables of which rows travel as they are written. */
export const FOLLOWED = [
  "prompts",
  "candidates",
  "judgements",
  "pairs",
  "rejections",
  "training_steps",
] as const;

export type FollowedTable = (typeof FOLLOWED)[number];

/** Ids of the newest rows seen; 0 before the first. */
export type SeenRows = Readonly<Record<FollowedTable, number>>;

export interface Cursor {
  /** As `RunSignature` has it; null where nothing was seen yet. */
  readonly ledger: string | null;
  readonly seen: SeenRows;
}

export const NOTHING_SEEN: SeenRows = Object.fromEntries(
  FOLLOWED.map((table) => [table, 0]),
) as Record<FollowedTable, number>;

export function cursorText({ ledger, seen }: Cursor): string {
  return [ledger ?? "", ...FOLLOWED.map((table) => seen[table])].join(".");
}

/** What no server gave out, "0" for instance, has seen nothing. */
export function cursorOf(text: string | undefined): Cursor {
  const [ledger = "", ...ids] = (text ?? "").split(".");
  const numbers = ids.map(Number);
  const isWhole =
    ledger !== "" &&
    numbers.length === FOLLOWED.length &&
    numbers.every((id) => Number.isSafeInteger(id) && id >= 0);
  return isWhole
    ? { ledger, seen: seenOf((_, i) => numbers[i] ?? 0) }
    : { ledger: null, seen: NOTHING_SEEN };
}

export function seenOf(
  id: (table: FollowedTable, place: number) => number,
): SeenRows {
  return Object.fromEntries(
    FOLLOWED.map((table, place) => [table, id(table, place)]),
  ) as Record<FollowedTable, number>;
}
