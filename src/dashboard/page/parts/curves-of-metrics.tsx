/**
 * @file Training curves: the three that people look at, and one more of their choice.
 */
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { CurvePoint } from "../../api/api.js";
import { useWords, worded } from "../language/words.js";
import { CurveChart, type Curve } from "./curve-chart.js";

export interface NamedPoints {
  readonly name: string;
  readonly points: readonly CurvePoint[];
}

const FIRST = ["loss", "rewards/margins", "rewards/accuracies"];

function curvesOf(metric: string, series: readonly NamedPoints[]): Curve[] {
  return series.flatMap(({ name, points }) => {
    const values = points.flatMap(({ step, metrics }): [number, number][] => {
      const value = metrics[metric];
      return value === undefined ? [] : [[step, value]];
    });
    return values.length === 0 ? [] : [{ name, points: values }];
  });
}

function OneMetric(props: {
  readonly metric: string;
  readonly series: readonly NamedPoints[];
}): JSX.Element {
  const { m } = useWords();
  const { metric, series } = props;
  const curves = useMemo(() => curvesOf(metric, series), [metric, series]);
  return (
    <section class="card">
      <CurveChart title={worded(m.words.metrics, metric)} curves={curves} />
    </section>
  );
}

export function CurvesOfMetrics(props: {
  readonly series: readonly NamedPoints[];
}): JSX.Element {
  const { m } = useWords();
  const { series } = props;
  const known = useMemo(
    () =>
      new Set(
        series.flatMap(({ points }) =>
          points.flatMap(({ metrics }) => Object.keys(metrics)),
        ),
      ),
    [series],
  );
  const others = [...known].filter((metric) => !FIRST.includes(metric)).sort();
  const [chosen, choose] = useState("");
  const other = others.includes(chosen) ? chosen : null;
  return (
    <>
      <div class="cards">
        {FIRST.filter((metric) => known.has(metric)).map((metric) => (
          <OneMetric key={metric} metric={metric} series={series} />
        ))}
        {other === null ? null : (
          <OneMetric key={other} metric={other} series={series} />
        )}
      </div>
      {others.length === 0 ? null : (
        <label class="field">
          {m.run.metric}
          <select
            value={other ?? ""}
            onChange={(event) => {
              choose(event.currentTarget.value);
            }}
          >
            <option value="">–</option>
            {others.map((metric) => (
              <option key={metric} value={metric}>
                {worded(m.words.metrics, metric)}
              </option>
            ))}
          </select>
        </label>
      )}
    </>
  );
}
