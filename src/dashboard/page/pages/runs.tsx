/**
 * @file The list of runs: open one, or choose several to compare. What is chosen lies in
 * the address. The list follows runs that begin and end.
 */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { RunSummary } from "../../api/api.js";
import { useWords } from "../language/words.js";
import { Waiting } from "../parts/failure-note.js";
import { RunStatePill, StageMeter } from "../parts/run-state.js";
import { addressOf, goTo } from "../route.js";
import { apiAddress } from "../server.js";
import { useAnswer } from "../use-answer.js";

/** Milliseconds between two looks at the list. */
const REFRESH = 5_000;

function RunName({ run }: { readonly run: RunSummary }): JSX.Element {
  const { m } = useWords();
  return (
    <>
      <a class="step" href={addressOf(["run", run.id])}>
        {run.name === "" ? run.id : run.name}
      </a>
      {run.name === "" || run.name === run.id ? null : <small>{run.id}</small>}
      {run.comparison === null || run.arm === null ? null : (
        <small>{m.runs.arm(run.comparison, run.arm)}</small>
      )}
    </>
  );
}

function RunLine(props: {
  readonly run: RunSummary;
  readonly chosen: boolean;
  readonly onChoose: () => void;
}): JSX.Element {
  const { m, moment } = useWords();
  const { run, chosen, onChoose } = props;
  if (run.trouble !== null) {
    return (
      <tr>
        <td />
        <th scope="row">{run.id}</th>
        <td colSpan={6} class="trouble">
          {run.trouble}
        </td>
      </tr>
    );
  }
  return (
    <tr>
      <td>
        <input
          type="checkbox"
          aria-label={m.runs.choose(run.name)}
          checked={chosen}
          onChange={onChoose}
        />
      </td>
      <th scope="row">
        <RunName run={run} />
      </th>
      <td data-label={m.runs.state}>
        <RunStatePill state={run.state} />
      </td>
      <td data-label={m.runs.kind}>{m.words.kinds[run.kind]}</td>
      <td data-label={m.runs.stage}>{run.stage ?? "–"}</td>
      <td data-label={m.runs.progress}>
        <StageMeter done={run.stagesDone} planned={run.stagesPlanned} />
      </td>
      <td data-label={m.runs.seed}>{run.seed ?? "–"}</td>
      <td data-label={m.runs.created}>
        {run.created === null ? "–" : moment(run.created)}
      </td>
    </tr>
  );
}

function RunList(props: {
  readonly runs: readonly RunSummary[];
  readonly chosen: readonly string[];
}): JSX.Element {
  const { m } = useWords();
  const { runs, chosen } = props;
  return (
    <table class="list">
      <thead>
        <tr>
          <td />
          <th scope="col">{m.runs.run}</th>
          <th scope="col">{m.runs.state}</th>
          <th scope="col">{m.runs.kind}</th>
          <th scope="col">{m.runs.stage}</th>
          <th scope="col">{m.runs.progress}</th>
          <th scope="col">{m.runs.seed}</th>
          <th scope="col">{m.runs.created}</th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <RunLine
            key={run.id}
            run={run}
            chosen={chosen.includes(run.id)}
            onChoose={() => {
              const others = chosen.filter((id) => id !== run.id);
              const now =
                others.length < chosen.length ? others : [...chosen, run.id];
              goTo(addressOf([], { run: now }), true);
            }}
          />
        ))}
      </tbody>
    </table>
  );
}

export function RunsPage(props: {
  readonly query: URLSearchParams;
}): JSX.Element {
  const { m, count } = useWords();
  const { value, failure, again } = useAnswer<readonly RunSummary[]>(
    apiAddress(["runs"]),
  );
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") again();
    }, REFRESH);
    return () => {
      clearInterval(timer);
    };
  }, [again]);
  if (value === null) return <Waiting failure={failure} again={again} />;
  const chosen = props.query.getAll("run");
  return (
    <>
      <h1>{m.runs.heading}</h1>
      {value.length === 0 ? (
        <p>{m.runs.none}</p>
      ) : (
        <RunList runs={value} chosen={chosen} />
      )}
      {value.length < 2 ? null : chosen.length < 2 ? (
        <p class="soft">{m.runs.chooseTwo}</p>
      ) : (
        <p>
          <a class="button" href={addressOf(["compare"], { run: chosen })}>
            {m.runs.compare(count(chosen.length))}
          </a>
        </p>
      )}
    </>
  );
}
