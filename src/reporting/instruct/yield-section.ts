/**
 * @file Where candidates were lost: a waterfall for each stage, a row for each rule.
 */
import {
  CLASSIFICATION_STAGE,
  GIVEN_UP,
  INSTANCE_STAGE,
  INSTRUCTION_STAGE,
  REFUSED,
} from "../../instruct/stages.js";
import { count, percent } from "../../text/number-words.js";
import { barTable, type BarRow } from "../html/bar-table.js";
import { section } from "../html/figure.js";
import { html, type Markup } from "../html/markup.js";
import { ruleInWords } from "./rule-words.js";
import type { WaterfallStage } from "./schema.js";

const STAGE_WORDS: Readonly<
  Record<string, { readonly title: string; readonly reading: string }>
> = {
  [INSTRUCTION_STAGE]: {
    title: "New instructions",
    reading:
      "What the model wrote when it was asked for new tasks. Worry when one rule takes most of it: many “not-novel” or “duplicate” means that the model repeats itself, many “no-structure” that it does not follow the prompt.",
  },
  [CLASSIFICATION_STAGE]: {
    title: "Is it a classification task?",
    reading:
      "Each instruction is sorted, because the two kinds get their instances in different ways. Nearly all should pass.",
  },
  [INSTANCE_STAGE]: {
    title: "Inputs and outputs",
    reading:
      "The examples that the model wrote for its instructions. Worry when fewer instances are left than there are instructions.",
  },
};

/** A card for each stage that was begun. */
export function yieldSection(waterfall: readonly WaterfallStage[]): Markup {
  return section({
    id: "yield",
    title: "Where candidates were lost",
    lead: "Every stage starts with all that was written, the rules take their part one after the other, and green is what was kept. Nothing is thrown away: each refused piece is in rejected.jsonl with its rule and the evidence.",
    body: waterfall.map(stageCard),
  });
}

/** The waterfall of one stage, under its name. */
export function stageCard(stage: WaterfallStage): Markup {
  const words = STAGE_WORDS[stage.stage];
  return html`<article class="card">
    <h3>${words?.title ?? stage.stage}</h3>
    ${words !== undefined && html`<p class="lead">${words.reading}</p>`}
    ${barTable({
      title: `${words?.title ?? stage.stage}: what became of ${stage.unit}`,
      head: ["what became of it", "count", "share"],
      rows: waterfallRows(stage),
    })}
  </article>`;
}

/** From all, rule by rule, down to what was kept. */
function waterfallRows(stage: WaterfallStage): BarRow[] {
  const { requested, accepted, failed, givenUp = 0 } = stage;
  const share = (amount: number): number =>
    requested === 0 ? 0 : amount / requested;
  const row = (
    name: string,
    note: string,
    bar: { readonly from: number; readonly amount: number; color: string },
  ): BarRow => ({
    name,
    note,
    parts: [
      {
        start: share(bar.from),
        length: share(bar.amount),
        color: bar.color,
        title: `${name}: ${count(bar.amount)}`,
      },
    ],
    numbers: [
      count(bar.amount),
      requested === 0 ? "–" : percent(share(bar.amount)),
    ],
  });
  const rows = [
    row("written", stage.unit, {
      from: 0,
      amount: requested,
      color: "var(--line-strong)",
    }),
  ];
  let left = requested;
  const lost = [
    ...stage.rejected,
    { name: REFUSED, count: failed - givenUp },
    { name: GIVEN_UP, count: givenUp },
  ].filter(({ count: amount }) => amount > 0);
  for (const { name, count: amount } of lost) {
    left -= amount;
    rows.push(
      row(name, ruleInWords(name), {
        from: left,
        amount,
        color: "var(--lose)",
      }),
    );
  }
  rows.push(
    row("kept", "", { from: 0, amount: accepted, color: "var(--win)" }),
  );
  return rows;
}
