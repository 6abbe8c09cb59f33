/**
 * @file The top of a comparison's page: the arms before anything else, and under them
 * the heading of the one run that is shown in full.
 */
import { pointsRange, type ComparisonVerdict } from "./comparison.js";
import type { RunReport } from "./schema.js";
import type { RunVerdict } from "./verdict.js";
import { signedPoints, unbroken } from "../html/format.js";
import { html, type Markup } from "../html/markup.js";
import { keyFigure, section } from "../html/figure.js";
import { intervalLegend, keyFigures, TONES } from "./section-verdict.js";

/** Verdict over the arms, and one figure an arm. */
export function comparisonHeader(
  report: RunReport,
  comparison: ComparisonVerdict,
): Markup {
  const { tone, sign, word } = TONES[comparison.kind];
  const [headline, ...rest] = comparison.sentences;
  return html`<header class="verdict ${tone}" id="verdict">
    <p class="kicker">
      <span class="pill"><span aria-hidden="true">${sign}</span> ${word}</span>
      <span>${report.name}</span><span>change of right answers, points</span>
    </p>
    <h1>${comparison.title}</h1>
    ${headline !== undefined && html`<p class="headline">${headline}</p>`}
    ${rest.length > 0 && html`<p class="more">${rest.join(" ")}</p>`}
    <dl class="figures">
      ${comparison.arms.map(({ name, gains, seeds }) =>
        keyFigure({
          name,
          value: signedPoints(gains.mean),
          note: `${pointsRange(gains.interval) ?? "no interval"}, ${seeds}`,
          tone: "truth",
        }),
      )}
    </dl>
    ${
      comparison.arms.some(({ gains }) => gains.interval !== null) &&
      intervalLegend("over the seeds (Student’s t)")
    }
  </header>`;
}

/** Says which run the rest of the page is about, and its own verdict. */
export function detailSection(
  { detail }: ComparisonVerdict,
  verdict: RunVerdict,
): Markup {
  return section({
    id: "detail",
    title: `One run in full: ${detail}`,
    lead: html`<b>${verdict.title}</b> ${verdict.sentences.map(
        (sentence) => html`${unbroken(sentence)} `,
      )}
      All that follows is this run alone.`,
    body: keyFigures(verdict),
  });
}
