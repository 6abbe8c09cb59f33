/**
 * @file How long instructions, inputs and outputs are.
 */
import { count, fixed } from "../../text/number-words.js";
import type { InstructionDataReport } from "../../instruct/data-report/report-schema.js";
import { columnChart } from "../html/column-chart.js";
import { figure, section } from "../html/figure.js";
import { html, type Markup } from "../html/markup.js";

const KINDS = [
  {
    kind: "instruction",
    title: "Instructions",
    reading:
      "What to do. Very long ones often hold an input that belongs apart.",
  },
  {
    kind: "input",
    title: "Inputs",
    reading: "What to do it to, where there is one.",
  },
  {
    kind: "output",
    title: "Outputs",
    reading:
      "The answers. A model trained on these writes about as much: a pile at the left teaches short answers.",
  },
] as const;

/** A histogram for each kind of text that there is. */
export function lengthSection({
  lengths,
  counts,
}: InstructionDataReport): Markup {
  const { unit } = lengths;
  const without = counts.instancesWithoutInput;
  return section({
    id: "lengths",
    title: "How long the texts are",
    lead: `In ${unit}; bins grow wider to the right, so that short and long texts fit one picture. ${count(without)} of ${count(counts.instances)} instances need no input and are left out of its histogram.`,
    body: html`<div class="grid-3">
      ${KINDS.filter(({ kind }) => lengths[kind].count > 0).map(
        ({ kind, title, reading }) => {
          const { histogram, median, ...rest } = lengths[kind];
          return figure({
            title,
            reading,
            width: 360,
            draw: (width) =>
              columnChart({
                label: `${title} by their length in ${unit}`,
                columns: histogram,
                width,
                height: 210,
                color: "var(--data)",
                edge: (value) => String(value),
                marks: [{ value: median, text: `median ${fixed(median, 0)}` }],
              }),
            table: {
              head: [unit, "texts"],
              rows: [
                ...histogram.map(({ from, to, count: amount }) => [
                  to === null ? `${from} and more` : `${from} to ${to - 1}`,
                  count(amount),
                ]),
                ["mean", fixed(rest.mean, 1)],
                ["5 % are below", fixed(rest.low, 0)],
                ["5 % are above", fixed(rest.high, 0)],
              ],
            },
          });
        },
      )}
    </div>`,
  });
}
