/**
 * @file A table of any length: rows by TanStack's virtualizer over a window of pages. A
 * row opens in place; arrows move between rows.
 */
import type {
  CSSProperties,
  JSX,
  RefObject,
  TargetedKeyboardEvent,
  TargetedMouseEvent,
} from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ColumnInfo, RowDetail, TableRow } from "../../api/api.js";
import { useWords, worded } from "../language/words.js";
import { addressOf } from "../route.js";
import { apiAddress } from "../server.js";
import type { TableState } from "../table-state.js";
import type { TableWindow, Visible } from "../table-window.js";
import { useAnswer } from "../use-answer.js";
import { CellView, isProse } from "./cell-view.js";
import { Waiting } from "./failure-note.js";
import { RowCard } from "./row-card.js";
import { useVirtualizer } from "./use-virtualizer.js";

interface TableProps {
  readonly run: string;
  readonly table: string;
  /** Those that are shown, in their order. */
  readonly columns: readonly ColumnInfo[];
  readonly state: TableState;
  readonly onState: (change: Partial<TableState>) => void;
  readonly rows: TableWindow;
  readonly onVisible: (visible: Visible) => void;
}

const ROW_HEIGHT = 34;

/** Narrowest width of a column in rem, and its part of what room is left. */
const WIDTHS: Readonly<
  Record<ColumnInfo["kind"] | "prose", readonly [rem: number, part: number]>
> = {
  integer: [6.4, 0],
  number: [6.4, 0],
  flag: [6.4, 0],
  reference: [6.4, 0],
  json: [10, 1],
  text: [7, 0.5],
  prose: [13, 3],
};

/** The grid of the columns after one for the opening button, and its least width. */
function gridOf(columns: readonly ColumnInfo[]): CSSProperties {
  const widths = [
    [2.2, 0] as const,
    ...columns.map(
      (column) =>
        WIDTHS[
          column.kind === "text" && !column.sortable ? "prose" : column.kind
        ],
    ),
  ];
  const tracks = widths.map(([rem, part]) =>
    part === 0 ? `${rem}rem` : `minmax(${rem}rem, ${part}fr)`,
  );
  const least = widths.reduce((sum, [rem]) => sum + rem, 0);
  return { "--tracks": tracks.join(" "), minWidth: `${least}rem` };
}

function HeaderCell(props: {
  readonly column: ColumnInfo;
  readonly state: TableState;
  readonly onState: TableProps["onState"];
}): JSX.Element {
  const { m } = useWords();
  const { column, state, onState } = props;
  const word = worded(m.words.columns, column.name);
  const sorted = state.sort === column.name ? state.direction : null;
  const arrow = sorted === null ? "" : sorted === "up" ? " ↑" : " ↓";
  const next =
    sorted === null
      ? { sort: column.name, direction: "down" as const }
      : sorted === "down"
        ? { sort: column.name, direction: "up" as const }
        : { sort: null };
  return (
    <div
      role="columnheader"
      class={["integer", "number"].includes(column.kind) ? "number" : ""}
      aria-sort={
        sorted === null ? "none" : sorted === "up" ? "ascending" : "descending"
      }
    >
      {column.sortable ? (
        <button
          type="button"
          title={column.name}
          onClick={() => {
            onState({ ...next, after: null });
          }}
        >
          {word}
          {arrow}
        </button>
      ) : (
        <span title={column.name}>{word}</span>
      )}
    </div>
  );
}

/** The whole row, asked for when it is opened. */
function OpenRow(props: {
  readonly run: string;
  readonly table: string;
  readonly id: number;
  readonly columns: readonly ColumnInfo[];
}): JSX.Element {
  const { m } = useWords();
  const { run, table, id, columns } = props;
  const { value, failure, again } = useAnswer<RowDetail>(
    apiAddress(["runs", run, "rows", table, id]),
  );
  return (
    <div class="open-row" role="cell">
      <p>
        <a href={addressOf(["run", run, "row", table, id])}>{m.table.follow}</a>
      </p>
      {value === null ? (
        <Waiting failure={failure} again={again} />
      ) : (
        <RowCard run={run} row={value.row} columns={columns} full />
      )}
    </div>
  );
}

function Cells(props: {
  readonly run: string;
  readonly row: TableRow;
  readonly columns: readonly ColumnInfo[];
}): JSX.Element {
  const { m } = useWords();
  const { run, row, columns } = props;
  return (
    <>
      {columns.map((column) => {
        const cell = row.cells[column.name] ?? null;
        const kind =
          typeof cell === "number"
            ? "number"
            : isProse(column, cell)
              ? "prose"
              : "short";
        return (
          <div
            key={column.name}
            role="cell"
            class={`cell ${kind}`}
            data-label={worded(m.words.columns, column.name)}
          >
            <CellView run={run} column={column} cell={cell} full={false} />
            {row.cut.includes(column.name) ? "…" : null}
          </div>
        );
      })}
    </>
  );
}

/** A press on a link, a button or a marked text is none on the row. */
function meansRow(event: TargetedMouseEvent<HTMLElement>): boolean {
  const { target } = event;
  return (
    target instanceof Element &&
    target.closest("a, button, .open-row") === null &&
    getSelection()?.isCollapsed !== false
  );
}

function TableLine(props: {
  readonly given: TableProps;
  readonly row: TableRow;
}): JSX.Element {
  const { m } = useWords();
  const { run, table, columns, state, onState } = props.given;
  const { row } = props;
  const isOpen = state.open === row.id;
  const toggle = (): void => {
    onState({ open: isOpen ? null : row.id });
  };
  return (
    <>
      <div
        class="line"
        onClick={(event) => {
          if (meansRow(event)) toggle();
        }}
      >
        <div role="cell" class="cell opener">
          <button
            type="button"
            class="quiet"
            tabIndex={-1}
            aria-expanded={isOpen}
            aria-label={isOpen ? m.table.close : m.table.open}
            onClick={toggle}
          >
            {isOpen ? "▾" : "▸"}
          </button>
        </div>
        <Cells run={run} row={row} columns={columns} />
      </div>
      {isOpen ? (
        <OpenRow run={run} table={table} id={row.id} columns={columns} />
      ) : null}
    </>
  );
}

/** Arrows move the focus between rows; Enter opens the one that has it. */
function useRowKeys(
  scroller: RefObject<HTMLElement | null>,
  given: TableProps,
  scrollTo: (index: number) => void,
): (event: TargetedKeyboardEvent<HTMLElement>) => void {
  const { rows, state, onState } = given;
  return (event) => {
    const row = event.target instanceof HTMLElement ? event.target : null;
    const index = Number(row?.dataset["index"] ?? Number.NaN);
    if (!Number.isInteger(index)) return;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15 }[
      event.key
    ];
    if (step !== undefined) {
      event.preventDefault();
      const next = Math.min(rows.count - 1, Math.max(0, index + step));
      scrollTo(next);
      requestAnimationFrame(() => {
        scroller.current
          ?.querySelector<HTMLElement>(`[data-index="${next}"]`)
          ?.focus({ preventScroll: true });
      });
    } else if (event.key === "Enter") {
      const id = rows.rowAt(index)?.id ?? null;
      onState({ open: id === state.open ? null : id });
    }
  };
}

export function RowTable(props: TableProps): JSX.Element {
  const { m, count } = useWords();
  const { columns, state, rows, onVisible } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const virtualizer = useVirtualizer({
    count: rows.count + (rows.open ? 1 : 0),
    scroller,
    estimate: ROW_HEIGHT,
  });
  const items = virtualizer.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    onVisible({ first, last });
  }, [first, last]);
  const onKeyDown = useRowKeys(scroller, props, (index) => {
    setActive(index);
    virtualizer.scrollToIndex(index);
  });
  const grid = useMemo(() => gridOf(columns), [columns]);
  const reachable = active >= first && active <= last ? active : first;
  return (
    <>
      <div
        ref={scroller}
        class="row-table"
        role="table"
        aria-label={worded(m.words.tables, props.table)}
        aria-rowcount={rows.total ?? -1}
        onKeyDown={onKeyDown}
      >
        <div class="wide" style={grid}>
          <div role="rowgroup" class="head">
            <div role="row" class="line">
              <div role="columnheader" />
              {columns.map((column) => (
                <HeaderCell
                  key={column.name}
                  column={column}
                  state={state}
                  onState={props.onState}
                />
              ))}
            </div>
          </div>
          <div
            role="rowgroup"
            class="body"
            style={{ height: `${virtualizer.getTotalSize()}px` }}
          >
            {items.map(({ key, index, start }) => {
              const row = rows.rowAt(index);
              return (
                <div
                  key={key}
                  ref={virtualizer.measureElement}
                  role="row"
                  class={state.open === row?.id ? "row opened" : "row"}
                  data-index={index}
                  aria-rowindex={index + 1}
                  tabIndex={index === reachable ? 0 : -1}
                  style={{ transform: `translateY(${start}px)` }}
                  onFocus={() => {
                    setActive(index);
                  }}
                >
                  {row === undefined ? (
                    <p class="soft waiting">{m.loading}</p>
                  ) : (
                    <TableLine given={props} row={row} />
                  )}
                </div>
              );
            })}
          </div>
        </div>
      </div>
      <p class="soft under-table">
        {rows.total === null
          ? m.table.manyRows
          : m.table.rowCount(count(rows.total))}
        {" · "}
        {m.table.keys}
      </p>
    </>
  );
}
