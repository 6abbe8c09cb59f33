/**
 * @file Runs beside each other: figures, curves, recipes, and prompts that became different.
 */
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { ComparedPromptsPage, RunComparison } from "../../api/api.js";
import { useWords } from "../language/words.js";
import { AnswerCard } from "../parts/answer-card.js";
import { CurvesOfMetrics } from "../parts/curves-of-metrics.js";
import { Waiting } from "../parts/failure-note.js";
import { LongText } from "../parts/long-text.js";
import { FiguresOfModels } from "../parts/model-figures.js";
import { More } from "../parts/more.js";
import { RunStatePill } from "../parts/run-state.js";
import { addressOf, queryText } from "../route.js";
import { useAnswer, usePages } from "../use-answer.js";

function ComparedRuns({ comparison }: PartProps): JSX.Element {
  const { m } = useWords();
  return (
    <ul class="chips">
      {comparison.runs.map((run) => (
        <li key={run.id}>
          <a href={addressOf(["run", run.id])}>{run.id}</a>{" "}
          <RunStatePill state={run.state} />{" "}
          <small>{m.words.kinds[run.kind]}</small>
        </li>
      ))}
    </ul>
  );
}

interface PartProps {
  readonly comparison: RunComparison;
}

function Figures({ comparison }: PartProps): JSX.Element {
  const { m } = useWords();
  // Sorting keeps the runs of one model in their order.
  const models = comparison.runs
    .flatMap((run) =>
      run.models.map(({ name, figures }) => ({ run: run.id, name, figures })),
    )
    .sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }))
    .map(({ run, name, figures }) => ({ name: `${name} · ${run}`, figures }));
  return (
    <section>
      <h2>{m.compare.figures}</h2>
      <FiguresOfModels models={models} />
    </section>
  );
}

function Curves({ comparison }: PartProps): JSX.Element {
  const { m } = useWords();
  const stages = useMemo(
    () => [
      ...new Set(
        comparison.curves.flatMap(({ points }) =>
          points.map(({ stage }) => stage),
        ),
      ),
    ],
    [comparison],
  );
  const [chosen, choose] = useState("");
  const stage = stages.includes(chosen) ? chosen : (stages[0] ?? "");
  const series = useMemo(
    () =>
      comparison.curves.map(({ run, points }) => ({
        name: run,
        points: points.filter((point) => point.stage === stage),
      })),
    [comparison, stage],
  );
  return (
    <section>
      <h2>{m.compare.curves}</h2>
      {stages.length === 0 ? (
        <p class="soft">{m.run.noCurves}</p>
      ) : (
        <>
          <label class="field">
            <span>{m.compare.stage}</span>
            <select
              value={stage}
              onChange={(event) => {
                choose(event.currentTarget.value);
              }}
            >
              {stages.map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <CurvesOfMetrics series={series} />
        </>
      )}
    </section>
  );
}

function Recipes({ comparison }: PartProps): JSX.Element {
  const { m } = useWords();
  return (
    <section>
      <h2>{m.compare.recipe}</h2>
      {comparison.recipe.length === 0 ? (
        <p class="soft">{m.compare.sameRecipe}</p>
      ) : (
        <table class="list recipes">
          <thead>
            <tr>
              <th scope="col">{m.compare.key}</th>
              {comparison.runs.map(({ id }) => (
                <th key={id} scope="col">
                  {id}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {comparison.recipe.map(({ key, values }) => (
              <tr key={key}>
                <th scope="row">
                  <code>{key}</code>
                </th>
                {comparison.runs.map(({ id }, index) => (
                  <td key={id} data-label={id}>
                    {values[index] ?? <span class="soft">{m.none}</span>}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Prompts(props: { readonly runs: readonly string[] }): JSX.Element {
  const { m } = useWords();
  const list = usePages<ComparedPromptsPage>(
    `api/comparison/prompts?${queryText({ run: props.runs })}`,
  );
  const prompts = list.pages.flatMap((page) => page.prompts);
  return (
    <section>
      <h2>{m.compare.prompts}</h2>
      {list.pages.length > 0 && prompts.length === 0 ? (
        <p class="soft">{m.compare.noPrompts}</p>
      ) : null}
      {prompts.map(({ prompt, answers }, index) => (
        <article key={index} class="card prompt">
          <LongText text={prompt} />
          <div class="answers">
            {answers.map(({ run, model, text, correct, score }) => (
              <AnswerCard
                key={run}
                title={`${run} · ${model}`}
                text={text}
                correct={correct}
                score={score}
              />
            ))}
          </div>
        </article>
      ))}
      <More list={list} />
    </section>
  );
}

function ComparedView(props: {
  readonly runs: readonly string[];
}): JSX.Element {
  const { runs } = props;
  const { value, failure, again } = useAnswer<RunComparison>(
    `api/comparison?${queryText({ run: runs })}`,
  );
  if (value === null) return <Waiting failure={failure} again={again} />;
  return (
    <>
      <ComparedRuns comparison={value} />
      <Figures comparison={value} />
      <Recipes comparison={value} />
      <Curves comparison={value} />
      <Prompts runs={runs} />
    </>
  );
}

export function ComparePage(props: {
  readonly query: URLSearchParams;
}): JSX.Element {
  const { m } = useWords();
  const runs = props.query.getAll("run");
  return (
    <>
      <h1>{m.compare.heading}</h1>
      {runs.length < 2 ? (
        <p>
          {m.compare.tooFew} <a href={addressOf([])}>{m.toRuns}</a>
        </p>
      ) : (
        <ComparedView runs={runs} />
      )}
    </>
  );
}
