/**
 * @file A row to read: its texts as paragraphs under their names, the rest as facts on a line.
 */
import type { JSX } from "preact";
import type { ColumnInfo, TableRow } from "../../api/api.js";
import { useWords, worded } from "../language/words.js";
import { CellView, isProse } from "./cell-view.js";

/** Names that say nothing to a reader. */
const INTERNAL = new Set(["id", "key", "weight_hash"]);

/** A column that a table's description does not have, as after a change of the ledger. */
function unknownColumn(name: string): ColumnInfo {
  return {
    name,
    kind: "text",
    references: null,
    sortable: false,
    searched: false,
    values: null,
  };
}

/** Columns of a row in the order of its table. */
function columnsOfRow(
  row: TableRow,
  columns: readonly ColumnInfo[],
): readonly ColumnInfo[] {
  const known = columns.filter(({ name }) => name in row.cells);
  const names = new Set(known.map(({ name }) => name));
  const others = Object.keys(row.cells).filter((name) => !names.has(name));
  return [...known, ...others.map(unknownColumn)];
}

export function RowCard(props: {
  readonly run: string;
  readonly row: TableRow;
  readonly columns: readonly ColumnInfo[];
  /** Everything, also what only programs need, however long; else what fits a card. */
  readonly full: boolean;
}): JSX.Element {
  const { m } = useWords();
  const { run, row, full } = props;
  const filled = columnsOfRow(row, props.columns).filter(({ name }) => {
    const cell = row.cells[name] ?? null;
    return cell !== null && cell !== "" && (full || !INTERNAL.has(name));
  });
  const prose = filled.filter((column) =>
    isProse(column, row.cells[column.name] ?? null),
  );
  const shownProse = full
    ? prose
    : prose.filter(({ kind }) => kind !== "json").slice(0, 3);
  const facts = filled.filter((column) => !prose.includes(column));
  return (
    <div class={full ? "row-card full" : "row-card"}>
      {shownProse.map((column) => (
        <div key={column.name} class="prose">
          <h4>{worded(m.words.columns, column.name)}</h4>
          <CellView
            run={run}
            column={column}
            cell={row.cells[column.name] ?? null}
            full
          />
          {row.cut.includes(column.name) ? (
            <p class="soft">{m.cutText}</p>
          ) : null}
        </div>
      ))}
      <dl class="facts">
        {facts.map((column) => (
          <div key={column.name}>
            <dt>{worded(m.words.columns, column.name)}</dt>
            <dd>
              <CellView
                run={run}
                column={column}
                cell={row.cells[column.name] ?? null}
                full={false}
              />
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
