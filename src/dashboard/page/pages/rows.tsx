/**
 * @file The tables of a run, one of them open.
 */
import type { JSX } from "preact";
import { useCallback, useMemo, useState } from "preact/hooks";
import type { TableInfo } from "../../api/api.js";
import { useWords, worded } from "../language/words.js";
import { FailureNote, Waiting } from "../parts/failure-note.js";
import { RowTable } from "../parts/row-table.js";
import { TableTools } from "../parts/table-tools.js";
import { addressOf, goTo } from "../route.js";
import { apiAddress } from "../server.js";
import {
  readTableState,
  shownColumns,
  tableAddress,
  tableQueryText,
  type TableState,
} from "../table-state.js";
import { useTableWindow, type Visible } from "../table-window.js";
import { useAnswer } from "../use-answer.js";

function TableMenu(props: {
  readonly run: string;
  readonly tables: readonly TableInfo[];
  readonly chosen: string | null;
}): JSX.Element {
  const { m, count } = useWords();
  return (
    <nav class="tabs" aria-label={m.table.tables}>
      {props.tables
        .filter(({ rows, name }) => rows > 0 || name === props.chosen)
        .map(({ name, rows }) => (
          <a
            key={name}
            href={addressOf(["run", props.run, "table", name])}
            aria-current={name === props.chosen ? "page" : undefined}
          >
            {worded(m.words.tables, name)} <small>{count(rows)}</small>
          </a>
        ))}
    </nav>
  );
}

function OpenTable(props: {
  readonly run: string;
  readonly info: TableInfo;
  readonly state: TableState;
}): JSX.Element {
  const { m } = useWords();
  const { run, info, state } = props;
  const [visible, setVisible] = useState<Visible>({ first: 0, last: 0 });
  const asked = tableQueryText(state);
  const { sort, hide } = state;
  const hidden = hide?.join(" ");
  const columns = useMemo(
    () => shownColumns(info.columns, state),
    [info, sort, hidden],
  );
  const rows = useTableWindow(
    `${apiAddress(["runs", run, "tables", info.name])}?${asked === "" ? "" : `${asked}&`}`,
    state.after,
    visible,
  );
  const onState = useCallback(
    (change: Partial<TableState>, quietly = false) => {
      goTo(tableAddress(run, info.name, { ...state, ...change }), quietly);
    },
    [run, info.name, state],
  );
  const { goOn } = rows;
  return (
    <>
      <TableTools columns={info.columns} state={state} onState={onState} />
      {info.indexed ? null : (
        <p class="soft" role="status">
          {m.table.notIndexed}
        </p>
      )}
      {rows.failure === null ? null : <FailureNote failure={rows.failure} />}
      <RowTable
        key={`${asked} ${state.after ?? ""}`}
        run={run}
        table={info.name}
        columns={columns}
        state={state}
        onState={onState}
        rows={rows}
        onVisible={setVisible}
      />
      <p class="tool-line">
        {state.after === null ? null : (
          <a href={tableAddress(run, info.name, { ...state, after: null })}>
            {m.table.fromStart}
          </a>
        )}
        {goOn === null ? null : (
          <a href={tableAddress(run, info.name, { ...state, after: goOn })}>
            {m.table.goOn}
          </a>
        )}
      </p>
    </>
  );
}

export function RowsPage(props: {
  readonly run: string;
  /** Null: the first table that has rows. */
  readonly table: string | null;
  readonly query: URLSearchParams;
}): JSX.Element {
  const { m } = useWords();
  const { run, table, query } = props;
  const { value, failure, again } = useAnswer<readonly TableInfo[]>(
    apiAddress(["runs", run, "tables"]),
  );
  if (value === null) return <Waiting failure={failure} again={again} />;
  const info =
    table === null
      ? value.find(({ rows }) => rows > 0)
      : value.find(({ name }) => name === table);
  return (
    <>
      <h1 class="word">
        {info === undefined ? m.run.rows : worded(m.words.tables, info.name)}
      </h1>
      <TableMenu run={run} tables={value} chosen={info?.name ?? table} />
      {info === undefined ? (
        <p>{m.nothingHere}</p>
      ) : (
        <OpenTable
          key={info.name}
          run={run}
          info={info}
          state={readTableState(query)}
        />
      )}
    </>
  );
}
