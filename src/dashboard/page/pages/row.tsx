/**
 * @file One row between what it came from and what came of it: one press a step, either way.
 */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type {
  ColumnInfo,
  Relation,
  RowDetail,
  TableInfo,
  TablePage,
  TableRow,
} from "../../api/api.js";
import { useWords, worded } from "../language/words.js";
import { Waiting } from "../parts/failure-note.js";
import { More } from "../parts/more.js";
import { RowCard } from "../parts/row-card.js";
import { addressOf } from "../route.js";
import { apiAddress } from "../server.js";
import { tableAddress } from "../table-state.js";
import { useAnswer, usePages } from "../use-answer.js";

interface Place {
  readonly run: string;
  readonly table: string;
  readonly id: string;
}

type Columns = (table: string) => readonly ColumnInfo[];

function RelatedRow(props: {
  readonly run: string;
  readonly table: string;
  readonly row: TableRow;
  readonly columns: readonly ColumnInfo[];
}): JSX.Element {
  const { m } = useWords();
  const { run, table, row } = props;
  return (
    <li>
      <a class="step word" href={addressOf(["run", run, "row", table, row.id])}>
        {m.row.heading(worded(m.words.tables, table), String(row.id))}
      </a>
      <RowCard run={run} row={row} columns={props.columns} full={false} />
    </li>
  );
}

function RelatedRows(props: {
  readonly run: string;
  readonly table: string;
  readonly rows: readonly TableRow[];
  readonly columns: Columns;
}): JSX.Element {
  return (
    <ul class="related">
      {props.rows.map((row) => (
        <RelatedRow
          key={row.id}
          run={props.run}
          table={props.table}
          row={row}
          columns={props.columns(props.table)}
        />
      ))}
    </ul>
  );
}

/** All rows of a relation, page by page. */
function WholeRelation(props: {
  readonly place: Place;
  readonly relation: Relation;
  readonly columns: Columns;
}): JSX.Element {
  const { place, relation, columns } = props;
  const list = usePages<TablePage>(
    apiAddress([
      "runs",
      place.run,
      "rows",
      place.table,
      place.id,
      relation.key,
    ]),
  );
  return (
    <>
      <RelatedRows
        run={place.run}
        table={relation.table}
        rows={list.pages.flatMap(({ rows }) => rows)}
        columns={columns}
      />
      <More list={list} />
    </>
  );
}

function RelationView(props: {
  readonly place: Place;
  readonly relation: Relation;
  readonly columns: Columns;
}): JSX.Element {
  const { m, count } = useWords();
  const { place, relation, columns } = props;
  const [whole, setWhole] = useState(false);
  return (
    <section>
      <h3>
        {worded(m.words.relations, relation.key)}{" "}
        <small>{m.row.count(count(relation.total))}</small>
      </h3>
      {whole ? (
        <WholeRelation place={place} relation={relation} columns={columns} />
      ) : (
        <>
          <RelatedRows
            run={place.run}
            table={relation.table}
            rows={relation.rows}
            columns={columns}
          />
          {relation.total > relation.rows.length ? (
            <button
              type="button"
              onClick={() => {
                setWhole(true);
              }}
            >
              {m.more}
            </button>
          ) : null}
        </>
      )}
    </section>
  );
}

function Side(props: {
  readonly heading: string;
  readonly empty: string;
  readonly place: Place;
  readonly relations: readonly Relation[];
  readonly columns: Columns;
}): JSX.Element {
  const filled = props.relations.filter(({ total }) => total > 0);
  return (
    <section class="side">
      <h2>{props.heading}</h2>
      {filled.length === 0 ? <p class="soft">{props.empty}</p> : null}
      {filled.map((relation) => (
        <RelationView
          key={relation.key}
          place={props.place}
          relation={relation}
          columns={props.columns}
        />
      ))}
    </section>
  );
}

export function RowPage(props: Place): JSX.Element {
  const { m } = useWords();
  const { run, table, id } = props;
  const { value, failure, again } = useAnswer<RowDetail>(
    apiAddress(["runs", run, "rows", table, id]),
  );
  const tables = useAnswer<readonly TableInfo[]>(
    apiAddress(["runs", run, "tables"]),
  ).value;
  const columns: Columns = (name) =>
    tables?.find((each) => each.name === name)?.columns ?? [];
  const side = (direction: Relation["direction"]): readonly Relation[] =>
    value?.relations.filter((each) => each.direction === direction) ?? [];
  return (
    <>
      <h1 class="word">{m.row.heading(worded(m.words.tables, table), id)}</h1>
      {value === null ? (
        <Waiting failure={failure} again={again} />
      ) : (
        <div class="lineage">
          <Side
            heading={m.row.from}
            empty={m.row.fromNothing}
            place={props}
            relations={side("up")}
            columns={columns}
          />
          <section class="itself">
            <h2>{m.row.itself}</h2>
            <p class="soft">
              {m.row.stage}: {value.stage} ·{" "}
              <a
                href={tableAddress(run, table, {
                  open: value.row.id,
                  filters: [`id:ge:${id}`],
                })}
              >
                {m.row.inTable}
              </a>
            </p>
            <RowCard run={run} row={value.row} columns={columns(table)} full />
          </section>
          <Side
            heading={m.row.into}
            empty={m.row.intoNothing}
            place={props}
            relations={side("down")}
            columns={columns}
          />
        </div>
      )}
    </>
  );
}
