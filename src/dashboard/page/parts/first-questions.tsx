/**
 * @file Plainly worded ways to what people ask of a run first; only those that this run
 * can answer.
 */
import type { JSX } from "preact";
import type { RunDetail, TableInfo } from "../../api/api.js";
import { useWords, type Words } from "../language/words.js";
import { addressOf } from "../route.js";
import { apiAddress } from "../server.js";
import { tableAddress, type TableState } from "../table-state.js";
import { useAnswer } from "../use-answer.js";

interface Question {
  readonly text: string;
  readonly note: string;
  readonly address: string;
}

/** The first model that was taught, and the last: M1 and M3 of M0 to M3. */
function ends(run: RunDetail): readonly [string, string] | null {
  const names = run.models.map(({ name }) => name);
  const first = names.length > 2 ? names[1] : names[0];
  const last = names.at(-1);
  return first === undefined || last === undefined || first === last
    ? null
    : [first, last];
}

function heldOutQuestions({ m }: Words, run: RunDetail): readonly Question[] {
  const models = ends(run);
  if (models === null) return [];
  const [left, right] = models;
  const at = (show: string): string =>
    addressOf(["run", run.id, "held-out"], { left, right, show });
  return [
    {
      text: m.run.whereWorse(right, left),
      note: m.run.whereWorseNote,
      address: at("lost"),
    },
    {
      text: m.run.whereBetter(right, left),
      note: m.run.whereBetterNote,
      address: at("gained"),
    },
  ];
}

interface TableQuestion {
  readonly table: string;
  /** The question makes sense where the table has this column. */
  readonly column: string;
  readonly text: string;
  readonly note: string;
  readonly state: Partial<TableState>;
}

function tableQuestions({ m }: Words): readonly TableQuestion[] {
  const up = { direction: "up" } as const;
  const down = { direction: "down" } as const;
  return [
    {
      table: "pairs",
      column: "true_margin",
      text: m.run.worstPairs,
      note: m.run.worstPairsNote,
      state: { sort: "true_margin", ...up, filters: ["true_margin:lt:0"] },
    },
    {
      table: "pairs",
      column: "margin",
      text: m.run.closestPairs,
      note: m.run.closestPairsNote,
      state: { sort: "margin", ...up },
    },
    {
      table: "seed_tasks",
      column: "children",
      text: m.run.seedChildren,
      note: m.run.seedChildrenNote,
      state: { sort: "children", ...down },
    },
    {
      table: "rejections",
      column: "rule",
      text: m.run.rejected,
      note: m.run.rejectedNote,
      state: {},
    },
    {
      table: "calls",
      column: "cost",
      text: m.run.expensiveCalls,
      note: m.run.expensiveCallsNote,
      state: { sort: "cost", ...down },
    },
  ];
}

function reviewQuestions(
  { m }: Words,
  run: RunDetail,
  has: (table: string) => boolean,
): readonly Question[] {
  const at = (subject: string): string =>
    addressOf(["run", run.id, "review"], { subject });
  return [
    ...(has("pairs")
      ? [
          {
            text: m.run.reviewPairs,
            note: m.run.reviewPairsNote,
            address: at("pairs"),
          },
        ]
      : []),
    ...(has("instances")
      ? [
          {
            text: m.run.reviewRows,
            note: m.run.reviewRowsNote,
            address: at("rows"),
          },
        ]
      : []),
  ];
}

export function FirstQuestions(props: {
  readonly run: RunDetail;
}): JSX.Element | null {
  const words = useWords();
  const { run } = props;
  const tables =
    useAnswer<readonly TableInfo[]>(apiAddress(["runs", run.id, "tables"]))
      .value ?? [];
  const filled = tables.filter(({ rows }) => rows > 0);
  const inTables = tableQuestions(words)
    .filter(({ table, column }) =>
      filled.some(
        ({ name, columns }) =>
          name === table && columns.some((each) => each.name === column),
      ),
    )
    .map(({ table, text, note, state }) => ({
      text,
      note,
      address: tableAddress(run.id, table, state),
    }));
  const questions = [
    ...heldOutQuestions(words, run),
    ...inTables,
    ...reviewQuestions(words, run, (table) =>
      filled.some(({ name }) => name === table),
    ),
  ];
  if (questions.length === 0) return null;
  return (
    <section>
      <h2>{words.m.run.questions}</h2>
      <ul class="questions">
        {questions.map(({ text, note, address }) => (
          <li key={text}>
            <a href={address}>{text}</a>
            <small>{note}</small>
          </li>
        ))}
      </ul>
    </section>
  );
}
