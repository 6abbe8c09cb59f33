/**
 * @file The top of the page: the verdict in plain words, the figures that carry
 * it, and the models in a row.
 */
import type { Interval } from "../../evaluation/interval.js";
import type { ModelReport, RunReport } from "./schema.js";
import type { RunVerdict, VerdictKind } from "./verdict.js";
import { pointsWithInterval } from "./verdict.js";
import { keyFigure, modelColor } from "../html/figure.js";
import {
  decimal,
  percentCell,
  percentInterval,
  signedPoints,
  unbroken,
  UNKNOWN,
} from "../html/format.js";
import { counted, signed } from "../../text/number-words.js";
import { html, type Content, type Markup } from "../html/markup.js";

/** Colour family and sign of a verdict; the sign never stands alone. */
export const TONES: Readonly<
  Record<
    VerdictKind | "compared",
    { readonly tone: string; readonly sign: string; readonly word: string }
  >
> = {
  improved: { tone: "good", sign: "↗", word: "Improved" },
  unclear: { tone: "plain", sign: "≈", word: "Unclear" },
  worse: { tone: "bad", sign: "↘", word: "Worse" },
  "fooling-itself": { tone: "bad", sign: "⚠", word: "Self-deception" },
  stopped: { tone: "caution", sign: "■", word: "Stopped" },
  gated: { tone: "caution", sign: "■", word: "Not begun" },
  "no-round": { tone: "plain", sign: "·", word: "Not begun" },
  unmeasured: { tone: "plain", sign: "?", word: "Unmeasured" },
  compared: { tone: "plain", sign: "⇄", word: "Compared" },
};

/** Verdict and key figures. */
export function verdictSection(report: RunReport, verdict: RunVerdict): Markup {
  const { tone, sign, word } = TONES[verdict.kind];
  const [headline, ...rest] = verdict.sentences;
  return html`<header class="verdict ${tone}" id="verdict">
    <p class="kicker">
      <span class="pill"><span aria-hidden="true">${sign}</span> ${word}</span>
      <span>${report.name}</span><span>seed ${report.seed}</span>
    </p>
    <h1>${verdict.title}</h1>
    ${headline !== undefined && html`<p class="headline">${unbroken(headline)}</p>`}
    ${
      rest.length > 0 &&
      html`<p class="more">
        ${rest.map((sentence) => html`${unbroken(sentence)} `)}
      </p>`
    }
    ${keyFigures(verdict)}
  </header>`;
}

/** The numbers that carry a verdict; nothing where no round was measured. */
export function keyFigures({ first, last, gain }: RunVerdict): Content {
  if (first === null || last === null || first === last) return null;
  const truth = change(first.self?.truth, last.self?.truth);
  const belief = change(first.self?.reward, last.self?.reward);
  return html`<dl class="figures">
      ${keyFigure({
        name: "True accuracy",
        value: percentCell(last.accuracy?.mean ?? null),
        note:
          gain?.accuracy == null
            ? `${first.id}: ${percentCell(first.accuracy?.mean ?? null)}`
            : `${unbroken(pointsWithInterval(gain.accuracy))} since ${first.id}`,
        tone: "truth",
      })}
      ${keyFigure({
        name: "What it deserves",
        value: decimal(last.self?.truth?.mean ?? null),
        note: html`of 5, by the verifier; ${since(first, truth)}`,
        tone: "truth",
      })}
      ${keyFigure({
        name: "What it believes",
        value: decimal(last.self?.reward?.mean ?? null),
        note: html`of 5, by itself; ${since(first, belief)}`,
        tone: "self",
      })}
      ${keyFigure({
        name: "As a judge",
        value: percentCell(last.judgeFixed?.pairwiseAccuracy ?? null),
        note: html`right above corrupted; ${first.id}:
        ${percentCell(first.judgeFixed?.pairwiseAccuracy ?? null)}`,
        tone: "judge",
      })}
    </dl>
    ${gain?.accuracy != null && intervalLegend("by bootstrap over the held-out prompts: how differently it might have come out with other prompts. They say nothing of another seed")}`;
}

/** What square brackets and error bars are, where the first of them stand. */
export function intervalLegend(over: string): Markup {
  return html`<p class="legend">
    [low, high], and the bars in the charts, are 95 % intervals ${over}.
  </p>`;
}

function since({ id }: ModelReport, moved: number | null): string {
  return moved === null ? `${id}: ${UNKNOWN}` : `${signed(moved)} since ${id}`;
}

/** M0 → M1 → …, a card each, with what made it on the arrow. */
export function modelRibbon(report: RunReport, verdict: RunVerdict): Markup {
  const { models } = report;
  return html`<section id="models" aria-labelledby="models-title">
    <h2 id="models-title" class="hidden">The models</h2>
    <ol class="ribbon">
      ${models.map(
        (model, index) =>
          html`<li>
            ${index > 0 && arrow(report, model)}
            ${modelCard({
              model,
              before: models[index - 1],
              color: modelColor(index, models.length),
              result: model === verdict.last && models.length > 1,
            })}
          </li>`,
      )}
    </ol>
  </section>`;
}

function arrow(report: RunReport, model: ModelReport): Markup {
  const round = report.rounds.find(({ to }) => to === model.id);
  const training = report.training.find((run) => run.model === model.id);
  const method = {
    base: "",
    sft: "SFT",
    dpo: "DPO",
    "sft-best": "SFT on its best",
    untaught: "as it is",
  }[model.method];
  const amount =
    round !== undefined
      ? counted(round.pairs, "pair")
      : training !== undefined
        ? counted(training.rows, "row")
        : "";
  return html`<p class="arrow"><b>${method}</b> <span>${amount}</span></p>`;
}

function modelCard(options: {
  readonly model: ModelReport;
  readonly before: ModelReport | undefined;
  readonly color: string;
  readonly result: boolean;
}): Markup {
  const { model, before, color, result } = options;
  const step =
    model.accuracy !== null && before?.accuracy != null
      ? model.accuracy.mean - before.accuracy.mean
      : null;
  return html`<article
    class="model ${result ? "result" : ""}"
    style="--tone:${color}"
  >
    <h3>${model.id} ${result && html`<span class="pill">result</span>`}</h3>
    <p class="role">${roleOf(model)}</p>
    <p class="big">
      ${percentCell(model.accuracy?.mean ?? null)}
      ${
        step !== null &&
        html`<small class="${toneOf(step)}"
          ><span class="hidden">change: </span>${signedPoints(step)}</small
        >`
      }
    </p>
    ${accuracyBar(model.accuracy)}
    <dl>
      <dt>sampled</dt>
      <dd>${percentCell(model.sampled?.accuracy?.mean ?? null)}</dd>
      <dt>true score</dt>
      <dd class="truth">
        ${decimal(model.self?.truth?.mean ?? model.score?.mean ?? null)}
      </dd>
      <dt>self-reward</dt>
      <dd class="self">${decimal(model.selfReward)}</dd>
      ${
        model.outside !== undefined &&
        html`<dt>outside judge</dt>
          <dd>${decimal(model.outside.reward?.mean ?? null)}</dd>`
      }
      <dt>tokens</dt>
      <dd>${decimal(model.responseLength, 1)}</dd>
      <dt>as judge</dt>
      <dd>${percentCell(model.judgeFixed?.pairwiseAccuracy ?? null)}</dd>
    </dl>
  </article>`;
}

/** Colours a change that shows in one decimal of a point. */
function toneOf(change: number): string {
  if (Math.abs(change) < 0.0005) return "";
  return change < 0 ? "fell" : "rose";
}

function roleOf(model: ModelReport): string {
  switch (model.method) {
    case "base":
      return "base, raw text only";
    case "untaught":
      return "the base, taught nothing";
    case "sft":
      return "tuned on the seed tasks";
    case "dpo":
      return `trained on the preferences of ${model.parent ?? "its parent"}`;
    case "sft-best":
      return `trained on the best answers of ${model.parent ?? "its parent"}`;
  }
}

/** Accuracy from 0 to 100 % with its interval. */
function accuracyBar(accuracy: Interval | null): Content {
  if (accuracy === null) return html`<div class="meter"></div>`;
  const at = (share: number): string => (share * 100).toFixed(1);
  return html`<div
    class="meter"
    role="img"
    aria-label="true accuracy ${percentInterval(accuracy)}"
    title="true accuracy, greedy: ${percentInterval(accuracy)}"
  >
    <i style="width:${at(accuracy.mean)}%"></i
    ><b
      style="left:${at(accuracy.low)}%;width:${at(accuracy.high - accuracy.low)}%"
    ></b>
  </div>`;
}

function change(
  from: Interval | null | undefined,
  to: Interval | null | undefined,
): number | null {
  return from == null || to == null ? null : to.mean - from.mean;
}
