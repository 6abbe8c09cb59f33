/**
 * @file Figures with their intervals, drawn on one scale and written beside it: a point
 * for the mean, a bar for the interval. A table, so that it reads without seeing.
 */
import type { JSX } from "preact";
import type { Figure } from "../../api/api.js";
import { useWords } from "../language/words.js";

/** Which colour a figure has everywhere on the page. */
export type Tone = "truth" | "self" | "judge" | "plain";

export interface IntervalRow {
  readonly name: string;
  readonly label: string;
  readonly figure: Figure;
  readonly tone: Tone;
}

interface Scale {
  readonly low: number;
  readonly high: number;
}

/** What figures are measured in, which says where their scale ends. */
export type Measure = "share" | "score" | "correlation" | "free";

const ENDS: Readonly<Record<Exclude<Measure, "free">, Scale>> = {
  share: { low: 0, high: 1 },
  score: { low: 0, high: 5 },
  correlation: { low: -1, high: 1 },
};

/** What has no ends of its own lies on a scale from 0, or lower, to a little past the largest. */
function scaleOf(rows: readonly IntervalRow[], measure: Measure): Scale {
  if (measure !== "free") return ENDS[measure];
  const values = rows.flatMap(({ figure }) => [
    figure.mean,
    figure.low ?? figure.mean,
    figure.high ?? figure.mean,
  ]);
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  return { low, high: high > low ? high + (high - low) * 0.05 : low + 1 };
}

function place({ low, high }: Scale, value: number): number {
  const share = (value - low) / (high - low);
  return 100 * Math.min(1, Math.max(0, share));
}

function Track(props: {
  readonly row: IntervalRow;
  readonly scale: Scale;
}): JSX.Element {
  const { figure, tone } = props.row;
  const left = place(props.scale, figure.low ?? figure.mean);
  const right = place(props.scale, figure.high ?? figure.mean);
  return (
    <div class={`track tone-${tone}`} aria-hidden="true">
      <i style={{ left: `${left}%`, width: `${right - left}%` }} />
      <b style={{ left: `${place(props.scale, figure.mean)}%` }} />
    </div>
  );
}

export function IntervalTable(props: {
  readonly caption: string;
  readonly rows: readonly IntervalRow[];
  readonly measure: Measure;
}): JSX.Element {
  const { m, number, share } = useWords();
  const scale = scaleOf(props.rows, props.measure);
  const write = props.measure === "share" ? share : number;
  return (
    <table class="intervals">
      <caption>{props.caption}</caption>
      <tbody>
        {props.rows.map((row) => {
          const { low, high, mean } = row.figure;
          return (
            <tr key={`${row.name} ${row.label}`}>
              <th scope="row">
                {row.name}
                {row.label === "" ? null : <small>{row.label}</small>}
              </th>
              <td class="drawn">
                <Track row={row} scale={scale} />
              </td>
              <td class="written">
                <strong>{write(mean)}</strong>
                {low === null || high === null ? null : (
                  <small title={m.interval}>
                    {write(low)} – {write(high)}
                  </small>
                )}
              </td>
            </tr>
          );
        })}
      </tbody>
      <tfoot aria-hidden="true">
        <tr>
          <td />
          <td class="drawn">
            <small class="ends">
              <span>{write(scale.low)}</span>
              <span>{write(scale.high)}</span>
            </small>
          </td>
          <td />
        </tr>
      </tfoot>
    </table>
  );
}
