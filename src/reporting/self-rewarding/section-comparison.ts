/**
 * @file Models against each other: head to head, by the verifier and by their own
 * judge side by side, and family by family.
 */
import { fixed } from "../../text/number-words.js";
import type { HeadToHeadReport, ModelReport, RunReport } from "./schema.js";
import type { RunVerdict } from "./verdict.js";
import { dotChart, type DotRow } from "../html/dot-chart.js";
import {
  FULL,
  dataTable,
  figure,
  modelColor,
  numbers,
  section,
} from "../html/figure.js";
import { percentCell, signedPoints } from "../html/format.js";
import { gainRows } from "./section-truth.js";
import { html, type Content, type Markup } from "../html/markup.js";

/** Win, tie and lose bars. */
export function headToHeadSection(report: RunReport): Markup | null {
  if (report.headToHead.length === 0) return null;
  const title = "Head to head";
  return section({
    id: "head-to-head",
    title,
    lead: "The same held-out prompts, answered by two models. The verifier decides; below it, what the newer model’s own judge would have said. Where the two disagree, the judge flatters.",
    body: html`<div class="card">
      <div class="duels">${report.headToHead.map(duel)}</div>
      <p class="key" aria-hidden="true">
        <span class="win">win</span><span class="tie">tie</span
        ><span class="lose">lose</span> in % of the prompts
      </p>
      ${numbers(title, {
        head: ["left against right", "decided by", "win", "tie", "lose"],
        rows: report.headToHead.flatMap(duelRows),
      })}
      ${
        report.gains.length > 0 &&
        html`<details class="numbers">
          <summary>Differences, paired by prompt</summary>
          ${dataTable("Differences, paired by prompt", {
            head: [
              "models",
              "greedy, points",
              "sampled, points",
              "greedy score",
              "sampled score",
            ],
            rows: gainRows(report),
          })}
        </details>`
      }
    </div>`,
  });
}

/** By the verifier, and by the newer model's own judge. */
function duelRows(row: HeadToHeadReport): (string | number)[][] {
  const { left, right, win, tie, lose, ownJudge: own } = row;
  const pair = `${left} against ${right}`;
  const rows = [[pair, "verifier", win, tie, lose]];
  if (own !== null)
    rows.push([pair, `${own.judge} as judge`, own.win, own.tie, own.lose]);
  return rows;
}

function duel(row: HeadToHeadReport): Markup {
  return html`<div class="duel">
    <h3>${row.left} <small>against</small> ${row.right}</h3>
    ${stackedBar("verifier", row)}
    ${
      row.ownJudge !== null &&
      stackedBar(`${row.ownJudge.judge} as judge`, row.ownJudge)
    }
  </div>`;
}

function stackedBar(
  decidedBy: string,
  counts: Pick<HeadToHeadReport, "win" | "tie" | "lose">,
): Content {
  const total = counts.win + counts.tie + counts.lose;
  if (total === 0) return null;
  const parts = (["win", "tie", "lose"] as const).map((name) => ({
    name,
    share: counts[name] / total,
  }));
  const inWords = parts
    .map(({ name, share }) => `${percentCell(share, 0)} ${name}`)
    .join(", ");
  return html`<div class="stack-row">
    <span>${decidedBy}</span>
    <div class="stack" role="img" aria-label="${decidedBy}: ${inWords}">
      ${parts.map(
        ({ name, share }) =>
          share > 0 &&
          html`<i
            class="${name}"
            style="flex:${fixed(share, 4)}"
            title="${name}: ${counts[name]} of ${total}"
            >${share >= 0.07 && fixed(share * 100, 0)}</i
          >`,
      )}
    </div>
  </div>`;
}

/** Accuracy of each family, first trained model against the result. */
export function familiesSection(
  report: RunReport,
  verdict: RunVerdict,
): Markup | null {
  const { first, last } = verdict;
  if (first === null || last === null || last.families.length === 0)
    return null;
  const rows = familyRows(report.models, first, last);
  const rose = rows.filter(({ gain }) => gain > 0.005).length;
  const fell = rows.filter(({ gain }) => gain < -0.005).length;
  return section({
    id: "families",
    title: "Family by family",
    lead: "",
    body: figure({
      title: "Where it gained and where it lost",
      reading: `Greedy accuracy of each task family from ${first.id} (hollow) to ${last.id} (filled). ${rose} rose, ${fell} fell, ${rows.length - rose - fell} stayed. A family has few prompts, so a single row is noisy.`,
      draw: (width) =>
        dotChart({
          label: `Accuracy of each task family, ${first.id} and ${last.id}`,
          rows: rows.map(({ row }) => row),
          width,
          format: (value) => percentCell(value, 0),
          leastSpan: 0.5,
          bounds: [0, 1],
          zero: false,
          rowHeight: 25,
        }),
      table: {
        head: ["family", "prompts", ...report.models.map(({ id }) => id)],
        rows: rows.map(({ name, prompts }) => [
          inWords(name),
          prompts,
          ...report.models.map((model) =>
            percentCell(familyAccuracy(model, name)),
          ),
        ]),
      },
      width: FULL,
    }),
  });
}

interface FamilyRow {
  readonly name: string;
  readonly prompts: number;
  readonly gain: number;
  readonly row: DotRow;
}

/** Largest gain first. */
function familyRows(
  models: readonly ModelReport[],
  first: ModelReport,
  last: ModelReport,
): FamilyRow[] {
  const from = models.indexOf(first);
  const to = models.indexOf(last);
  return last.families
    .flatMap((family) => {
      const before = familyAccuracy(first, family.family);
      const after = family.accuracy;
      if (before === null || after === null) return [];
      const gain = after - before;
      // Steps on the way lie under the two ends.
      const order = [...between(from, to), from, to];
      const dots = order.flatMap((index) => {
        const model = models[index] as ModelReport;
        const x = familyAccuracy(model, family.family);
        return x === null
          ? []
          : [
              {
                x,
                color: modelColor(index, models.length),
                hollow: index === from && from !== to,
                minor: index !== from && index !== to,
                title: `${model.id}, ${inWords(family.family)}: ${percentCell(x)}`,
              },
            ];
      });
      return [
        {
          name: family.family,
          prompts: family.prompts,
          gain,
          row: {
            name: inWords(family.family),
            dots,
            span: {
              from: before,
              to: after,
              color: gain < 0 ? "var(--bad)" : "var(--good)",
            },
            mark: null,
            note: first === last ? percentCell(after, 0) : signedPoints(gain),
          },
        },
      ];
    })
    .sort((a, b) => b.gain - a.gain || (a.name < b.name ? -1 : 1));
}

/** An identifier as a person reads it: `next_letters` → `next letters`. */
function inWords(identifier: string): string {
  return identifier.replace(/[-_]/g, " ");
}

/** The whole numbers strictly between two others. */
function between(from: number, to: number): number[] {
  return Array.from(
    { length: Math.max(0, to - from - 1) },
    (_, index) => from + 1 + index,
  );
}

function familyAccuracy(model: ModelReport, name: string): number | null {
  return model.families.find(({ family }) => family === name)?.accuracy ?? null;
}
