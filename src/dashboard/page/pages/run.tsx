/**
 * @file One run at a glance, and as it goes on.
 */
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { LiveProgress, RunDetail } from "../../api/api.js";
import { useWords, worded } from "../language/words.js";
import { type LiveRun, useLiveRun } from "../live-run.js";
import { CurvesOfMetrics } from "../parts/curves-of-metrics.js";
import { Waiting } from "../parts/failure-note.js";
import { FirstQuestions } from "../parts/first-questions.js";
import { LongText } from "../parts/long-text.js";
import { FiguresOfModels } from "../parts/model-figures.js";
import { NewestRows } from "../parts/newest-rows.js";
import { RunStatePill, StageMeter } from "../parts/run-state.js";
import { StageList } from "../parts/stage-list.js";
import { apiAddress } from "../server.js";
import { useAnswer } from "../use-answer.js";

function ProgressNow(props: { readonly progress: LiveProgress }): JSX.Element {
  const { m, count, number, duration } = useWords();
  const { progress } = props;
  const { stage, done, total, rate, left, tokensPerSecond } = progress;
  const unit = worded(m.words.units, progress.unit);
  const facts = [
    m.run.doneOf(count(done), count(total), unit),
    rate === null ? null : m.run.rate(number(rate), unit),
    tokensPerSecond === null ? null : m.run.tokenRate(count(tokensPerSecond)),
    left === null ? null : m.run.left(duration(left)),
  ];
  return (
    <section class="card now">
      <h2>
        {m.run.now} · {stage}
      </h2>
      <progress value={done} max={Math.max(total, 1)} aria-label={m.run.now} />
      <p>{facts.filter((fact) => fact !== null).join(" · ")}</p>
      {progress.waiting === null ? null : (
        <p class="soft">
          {m.run.waiting} {progress.waiting}
        </p>
      )}
    </section>
  );
}

function RunHead(props: {
  readonly run: RunDetail;
  readonly connected: boolean;
}): JSX.Element {
  const { m, moment } = useWords();
  const { run, connected } = props;
  return (
    <>
      <h1>{run.name === "" ? run.id : run.name}</h1>
      <p class="run-head">
        <RunStatePill state={run.state} />
        <span>{m.words.kinds[run.kind]}</span>
        {run.seed === null ? null : (
          <span>
            {m.runs.seed} {run.seed}
          </span>
        )}
        {run.created === null ? null : <span>{moment(run.created)}</span>}
        <StageMeter done={run.stagesDone} planned={run.stagesPlanned} />
        <span class={connected ? "soft live" : "soft"} role="status">
          {connected ? m.run.live : m.run.notLive}
        </span>
      </p>
      {run.ended === null ? null : (
        <p class="failure">
          {m.run.ended} {run.ended}
        </p>
      )}
    </>
  );
}

function Warnings(props: { readonly run: RunDetail }): JSX.Element {
  const { m } = useWords();
  const { warnings } = props.run;
  return (
    <section>
      <h2>{m.run.warnings}</h2>
      {warnings.length === 0 ? (
        <p class="soft">{m.run.noWarnings}</p>
      ) : (
        <ul class="warnings">
          {warnings.map(({ code, message }) => (
            <li key={`${code} ${message}`}>
              {message} <small>{code}</small>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Curves(props: { readonly curves: LiveRun["curves"] }): JSX.Element {
  const { m } = useWords();
  const { curves } = props;
  const series = useMemo(
    () => [...curves].map(([name, points]) => ({ name, points })),
    [curves],
  );
  return (
    <section>
      <h2>{m.run.curves}</h2>
      {series.length === 0 ? (
        <p class="soft">{m.run.noCurves}</p>
      ) : (
        <>
          <p class="soft">{m.run.curvesNote}</p>
          <CurvesOfMetrics series={series} />
        </>
      )}
    </section>
  );
}

export function RunPage(props: { readonly run: string }): JSX.Element {
  const { m } = useWords();
  const live = useLiveRun(props.run);
  // The first answer may be a refusal, whose words a stream of events cannot bring.
  const first = useAnswer<RunDetail>(apiAddress(["runs", props.run]));
  const run = live.run ?? first.value;
  if (run === null)
    return <Waiting failure={first.failure} again={first.again} />;
  if (run.trouble !== null) {
    return (
      <>
        <h1>{run.id}</h1>
        <p class="failure">{run.trouble}</p>
      </>
    );
  }
  return (
    <>
      <RunHead run={run} connected={live.connected} />
      {live.progress === null ? null : <ProgressNow progress={live.progress} />}
      <Warnings run={run} />
      {/* A new one when a stage ends: by then tables may have rows that had none. */}
      <FirstQuestions key={run.stagesDone} run={run} />
      <section>
        <h2>{m.run.models}</h2>
        {run.models.some(({ figures }) => Object.keys(figures).length > 0) ? (
          <FiguresOfModels models={run.models} />
        ) : (
          <p class="soft">{m.run.noModels}</p>
        )}
      </section>
      <Curves curves={live.curves} />
      <NewestRows run={run.id} rows={live.rows} />
      <section>
        <h2>{m.run.stages}</h2>
        <StageList stages={run.stages} />
      </section>
      <details class="recipe">
        <summary>{m.run.recipe}</summary>
        <LongText text={run.recipe} code />
      </details>
    </>
  );
}
