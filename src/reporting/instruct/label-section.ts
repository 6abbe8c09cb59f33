/**
 * @file Whether the classification tasks use their labels evenly.
 */
import { count, fixed, percent } from "../../text/number-words.js";
import type { InstructionDataReport } from "../../instruct/data-report/report-schema.js";
import { barTable } from "../html/bar-table.js";
import { section } from "../html/figure.js";
import { html, type Markup } from "../html/markup.js";
import { stackedBar } from "../html/stacked-bar.js";

/** Null where there is no classification task. */
export function labelSection({
  labels,
  counts,
}: InstructionDataReport): Markup | null {
  if (labels.tasks === 0) return null;
  const most = Math.max(1, ...labels.commonest.map((label) => label.count));
  return section({
    id: "labels",
    title: "Do classification tasks use all their labels?",
    lead: `${count(labels.tasks)} of ${count(counts.instructions)} instructions (${percent(labels.tasks / counts.instructions)}) ask to choose among labels. A task that always has the same answer teaches to say that answer without reading.`,
    body: html`<div class="grid-2 top">
      <article class="card">
        <h3>Labels in one task</h3>
        <p class="lead">
          Worry when red is more than a small part. A task with one instance
          cannot tell.
        </p>
        ${stackedBar([
          {
            name: "several labels",
            tone: "win",
            amount: labels.comparableTasks - labels.oneLabelTasks,
          },
          {
            name: "one instance only",
            tone: "tie",
            amount: labels.tasks - labels.comparableTasks,
          },
          {
            name: "one label only",
            tone: "lose",
            amount: labels.oneLabelTasks,
          },
        ])}
        ${
          labels.comparableTasks > 0 &&
          html`<p class="lead">
            Evenness ${fixed(labels.evenness)} of 1, as a mean over the tasks
            with several instances: 1 uses all labels alike, 0 only one.
          </p>`
        }
      </article>
      <article class="card">
        <h3>The commonest labels</h3>
        <p class="lead">
          Instances over all tasks. Worry when one label stands alone.
        </p>
        ${barTable({
          title: "The commonest labels",
          head: ["label", "count", "share"],
          rows: labels.commonest.slice(0, SHOWN).map(({ name, count: n }) => ({
            name: clipped(name),
            parts: [{ start: 0, length: n / most, color: "var(--data)" }],
            numbers: [count(n), percent(n / labels.instances)],
          })),
        })}
      </article>
    </div>`,
  });
}

const SHOWN = 12;
const LONGEST_LABEL = 60;

/** A label that is really an answer does not fill the page. */
function clipped(label: string): string {
  return label.length <= LONGEST_LABEL
    ? label
    : `${label.slice(0, LONGEST_LABEL - 1)}…`;
}
