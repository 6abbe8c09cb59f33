/**
 * @file What the run wrote last, table by table, as text one can read.
 */
import type { JSX } from "preact";
import type { LiveRow } from "../../api/api.js";
import { useWords, worded } from "../language/words.js";
import { addressOf } from "../route.js";

function NewestOfTable(props: {
  readonly run: string;
  readonly table: string;
  readonly rows: readonly LiveRow[];
}): JSX.Element {
  const { m } = useWords();
  const { run, table, rows } = props;
  const word = worded(m.words.tables, table);
  return (
    <section class="card">
      <h3 class="word">{word}</h3>
      <ul class="newest">
        {rows.slice(0, 6).map((row) => (
          <li key={row.id}>
            <p class="text clamp">{row.text === "" ? "–" : row.text}</p>
            <p class="soft">
              {row.note === null ? null : <b>{row.note} · </b>}
              {row.stage} ·{" "}
              <a
                href={addressOf(["run", run, "row", table, row.id])}
                aria-label={`${m.run.openRow}: ${m.row.heading(word, String(row.id))}`}
              >
                {m.run.openRow}
              </a>
            </p>
          </li>
        ))}
      </ul>
      <a href={addressOf(["run", run, "table", table])}>{m.run.allOf(word)}</a>
    </section>
  );
}

export function NewestRows(props: {
  readonly run: string;
  /** By table, newest first. */
  readonly rows: ReadonlyMap<string, readonly LiveRow[]>;
}): JSX.Element {
  const { m } = useWords();
  return (
    <section>
      <h2>{m.run.newest}</h2>
      {props.rows.size === 0 ? (
        <p class="soft">{m.run.noRows}</p>
      ) : (
        <div class="cards">
          {[...props.rows].map(([table, rows]) => (
            <NewestOfTable
              key={table}
              run={props.run}
              table={table}
              rows={rows}
            />
          ))}
        </div>
      )}
    </section>
  );
}
