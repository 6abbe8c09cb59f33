/**
 * @file The top of the page: what was made, whether it is all that was asked for,
 * and the figures that people compare.
 */
import { INSTRUCTION_STAGE, type EndReason } from "../../instruct/stages.js";
import { count, counted, fixed, percent } from "../../text/number-words.js";
import { UNKNOWN } from "../html/format.js";
import { html, type Markup } from "../html/markup.js";
import { keyFigure } from "../html/figure.js";
import { formatMoney, roundedMoney } from "../../text/money.js";
import type { InstructReport } from "./schema.js";
import { givenUpIn } from "./summary.js";

const ENDS: Readonly<
  Record<
    EndReason,
    { readonly tone: string; readonly sign: string; readonly word: string }
  >
> = {
  accepted: { tone: "good", sign: "✓", word: "Complete" },
  barren: { tone: "caution", sign: "■", word: "Stopped short" },
  unreadable: { tone: "bad", sign: "■", word: "Unreadable" },
  "end-of-record": { tone: "plain", sign: "↻", word: "Replayed" },
};

/** However it ended, nothing can be trained on it. */
const EMPTY = { tone: "bad", sign: "■", word: "Empty" };

/** Answers are missing that the same command asks for again. */
const INCOMPLETE = { tone: "caution", sign: "■", word: "Incomplete" };

/** @param sentence what was made and what it took */
export function headerSection(
  report: InstructReport,
  sentence: string,
): Markup {
  const { tone, sign, word } = endOf(report);
  const { settings } = report;
  return html`<header class="verdict ${tone}" id="verdict">
    <p class="kicker">
      <span class="pill"><span aria-hidden="true">${sign}</span> ${word}</span>
      <span>Self-Instruct data</span><span>${settings.language}</span
      ><span>seed ${settings.seed}</span>
    </p>
    <h1>${report.name}</h1>
    <p class="headline">${sentence}</p>
    ${figures(report)}
  </header>`;
}

function endOf({ data, stop, waterfall }: InstructReport): {
  readonly tone: string;
  readonly sign: string;
  readonly word: string;
} {
  if (givenUpIn(waterfall) > 0) return INCOMPLETE;
  return data.counts.instances === 0 ? EMPTY : ENDS[stop];
}

function figures(report: InstructReport): Markup {
  const { data, accepted, wanted, stop, settings, waterfall } = report;
  const { counts, seedSimilarity } = data;
  const written = waterfall.find(({ stage }) => stage === INSTRUCTION_STAGE);
  return html`<dl class="figures">
    ${keyFigure({
      name: "Instructions",
      value: count(accepted),
      note:
        counts.instances === 0
          ? "accepted, but no row came of them"
          : stop === "end-of-record"
            ? "of the recorded answers"
            : `of ${count(wanted)} asked for`,
      tone: "data",
    })}
    ${keyFigure({
      name: "Instances",
      value: count(counts.instances),
      note:
        counts.instances === 0
          ? "nothing to train on: see below where they were lost"
          : withoutInstances(counts.instructionsWithoutInstances),
      tone: "data",
    })}
    ${keyFigure({
      name: "Kept of what was written",
      value:
        written === undefined || written.requested === 0
          ? UNKNOWN
          : percent(written.accepted / written.requested),
      note: `of ${count(written?.requested ?? 0)} ${written?.unit ?? "pieces"}`,
      tone: "data",
    })}
    ${
      data.counts.instructions > 0 &&
      keyFigure({
        name: "Closeness to the seeds",
        value: fixed(seedSimilarity.mean),
        note: `mean ROUGE-L; above ${fixed(settings.novelty)} is refused`,
        tone: "data",
      })
    }
    ${spentFigure(report)}
  </dl>`;
}

function withoutInstances(instructions: number): string {
  return instructions === 0
    ? "every instruction has at least one"
    : `${counted(instructions, "instruction has", "instructions have")} none`;
}

function spentFigure({ spent }: InstructReport): Markup {
  const { cost, costPerAcceptedMicros, tokensIn, tokensOut } = spent;
  const tokens = counted(tokensIn + tokensOut, "token");
  return cost > 0 && costPerAcceptedMicros !== null
    ? keyFigure({
        name: "Spent",
        value: formatMoney(roundedMoney(cost)),
        note: `${formatMoney(roundedMoney(costPerAcceptedMicros))} an instruction; ${tokens}`,
        tone: "data",
      })
    : keyFigure({
        name: "Answers",
        value: count(spent.calls),
        note: spent.calls === 0 ? "all were recorded before" : tokens,
        tone: "data",
      });
}
