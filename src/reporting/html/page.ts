/**
 * @file report.html: one file that needs nothing else, no script, no network.
 *
 * The same report gives the same bytes. Everything on the page comes out of the
 * report; nothing is measured here. The content policy forbids scripts and
 * requests, so that even a fault in the escaping could not run what a model wrote.
 */
import type { RunReport } from "../report.js";
import { comparisonOf } from "../comparison.js";
import { verdictOf } from "../verdict.js";
import { html, verbatim } from "./markup.js";
import { armsSection } from "./section-arms.js";
import { colophonSection, meaningSection } from "./section-colophon.js";
import { familiesSection, headToHeadSection } from "./section-comparison.js";
import { examplesSection } from "./section-examples.js";
import { judgeSection } from "./section-judge.js";
import {
  formSection,
  roundsSection,
  trainingSection,
} from "./section-rounds.js";
import { truthSection } from "./section-truth.js";
import { comparisonHeader, detailSection } from "./section-compared.js";
import { modelRibbon, verdictSection } from "./section-verdict.js";
import { warningsSection } from "./section-warnings.js";
import { STYLE } from "./style.js";

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/** The whole page as text. Sections with nothing to show are left out. */
export function renderReport(report: RunReport): string {
  const verdict = verdictOf(report);
  const comparison = comparisonOf(report);
  const arms = armsSection(report);
  const parts = [
    { id: "truth", name: "Truth", body: truthSection(report) },
    { id: "judge", name: "Judge", body: judgeSection(report) },
    {
      id: "head-to-head",
      name: "Head to head",
      body: headToHeadSection(report),
    },
    {
      id: "families",
      name: "Families",
      body: familiesSection(report, verdict),
    },
    { id: "rounds", name: "Rounds", body: roundsSection(report) },
    { id: "form", name: "Form", body: formSection(report) },
    { id: "training", name: "Training", body: trainingSection(report) },
    { id: "examples", name: "Examples", body: examplesSection(report) },
    { id: "meaning", name: "Meaning", body: meaningSection(report) },
    { id: "recipe", name: "Recipe", body: colophonSection(report) },
  ].filter(({ body }) => body !== null);
  const page = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>
        ${(comparison ?? verdict).title} – ${report.name}, Autodidact
      </title>
      <style>
        ${verbatim(STYLE)}
      </style>
    </head>
    <body>
      <a class="skip" href="#main">To the verdict</a>
      <nav aria-label="Parts of this report">
        <b>Autodidact</b>
        <ul>
          ${arms !== null && html`<li><a href="#arms">Arms</a></li>`}
          ${parts.map(({ id, name }) => html`<li><a href="#${id}">${name}</a></li>`)}
        </ul>
      </nav>
      <main id="main">
        ${
          comparison === null
            ? verdictSection(report, verdict)
            : [
                comparisonHeader(report, comparison),
                arms,
                detailSection(comparison, verdict),
              ]
        }
        ${modelRibbon(report, verdict)} ${warningsSection(report)}
        ${parts.map(({ body }) => body)}
      </main>
      <footer>
        <p>
          Self-Rewarding Language Models, arXiv 2401.10020; Self-Instruct, arXiv
          2212.10560. Judge metrics as in the former’s Table 4.
        </p>
      </footer>
    </body>
  </html>`;
  return `<!doctype html>\n${page.text}\n`;
}
