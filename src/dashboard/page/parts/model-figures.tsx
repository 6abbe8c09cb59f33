/**
 * @file The figures of models, grouped by what people ask of them: does it answer right,
 * does it think better of itself than it should, does it judge well.
 */
import type { JSX } from "preact";
import type { Figure } from "../../api/api.js";
import type { Messages } from "../language/english.js";
import { useWords, worded } from "../language/words.js";
import {
  IntervalTable,
  type IntervalRow,
  type Measure,
  type Tone,
} from "./interval-table.js";

/** A model of a run, or of one of several runs. */
export interface ShownModel {
  readonly name: string;
  readonly figures: Readonly<Record<string, Figure>>;
}

const TONES: Readonly<Record<string, Tone>> = {
  accuracy: "truth",
  score: "truth",
  selfReward: "self",
};

function toneOf(key: string): Tone {
  return TONES[key] ?? (/^judge\w*\./.test(key) ? "judge" : "plain");
}

function measureOf(key: string): Measure {
  if (/accuracy|exactMatch|fiveBest/i.test(key)) return "share";
  if (/spearman|kendall/.test(key)) return "correlation";
  return /score|reward$/i.test(key) ? "score" : "free";
}

/** "judgeFixed.kendall": what was judged, and the measure. */
function titleOf(key: string, { run, words }: Messages): string {
  const [judged = "", measure] = key.split(".");
  return measure !== undefined && Object.hasOwn(run.judges, judged)
    ? `${worded(run.judges, judged)}: ${worded(words.judging, measure)}`
    : worded(words.figures, key);
}

function useRows(
  models: readonly ShownModel[],
  keys: readonly string[],
  labelled: boolean,
): IntervalRow[] {
  const { m } = useWords();
  return models.flatMap(({ name, figures }) =>
    keys.flatMap((key) => {
      const figure = figures[key];
      return figure === undefined
        ? []
        : [
            {
              name,
              label: labelled ? worded(m.words.figures, key) : "",
              figure,
              tone: toneOf(key),
            },
          ];
    }),
  );
}

function Group(props: {
  readonly title: string;
  readonly note?: string;
  readonly models: readonly ShownModel[];
  readonly keys: readonly string[];
}): JSX.Element | null {
  const { keys } = props;
  const rows = useRows(props.models, keys, keys.length > 1);
  if (rows.length === 0) return null;
  return (
    <section class="card">
      <IntervalTable
        caption={props.title}
        rows={rows}
        measure={measureOf(keys[0] ?? "")}
      />
      {props.note === undefined ? null : <p class="soft">{props.note}</p>}
    </section>
  );
}

export function FiguresOfModels(props: {
  readonly models: readonly ShownModel[];
}): JSX.Element {
  const { m } = useWords();
  const { models } = props;
  const keys = [
    ...new Set(models.flatMap(({ figures }) => Object.keys(figures))),
  ];
  const main = ["accuracy", "score", "selfReward"];
  const others = keys.filter((key) => !main.includes(key));
  return (
    <div class="cards">
      <Group title={m.run.right} models={models} keys={["accuracy"]} />
      <Group
        title={m.run.rewards}
        note={m.run.rewardsNote}
        models={models}
        keys={["score", "selfReward"]}
      />
      {others.map((key) => (
        <Group key={key} title={titleOf(key, m)} models={models} keys={[key]} />
      ))}
    </div>
  );
}
