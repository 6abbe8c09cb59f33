/**
 * @file report.html of the loop: which parts it has, in which order.
 *
 * The same report gives the same bytes. Everything on the page comes out of the
 * report; nothing is measured here.
 */
import type { RunReport } from "./schema.js";
import { comparisonOf } from "./comparison.js";
import { runVerdict } from "./verdict.js";
import { reportDocument } from "../html/document.js";
import { armsSection } from "./section-arms.js";
import { colophonSection, meaningSection } from "./section-colophon.js";
import { familiesSection, headToHeadSection } from "./section-comparison.js";
import { examplesSection } from "./section-examples.js";
import { judgeSection } from "./section-judge.js";
import { formSection } from "./section-form.js";
import { roundsSection } from "./section-rounds.js";
import { trainingSection } from "./section-training.js";
import { truthSection } from "./section-truth.js";
import { comparisonHeader, detailSection } from "./section-compared.js";
import { modelRibbon, verdictSection } from "./section-verdict.js";
import { warningsSection } from "./section-warnings.js";

/** The whole page as text. Sections with nothing to show are left out. */
export function renderReport(report: RunReport): string {
  const verdict = runVerdict(report);
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
  return reportDocument({
    title: `${(comparison ?? verdict).title} – ${report.name}, Autodidact`,
    skip: "To the verdict",
    links: [...(arms === null ? [] : [{ id: "arms", name: "Arms" }]), ...parts],
    main: [
      comparison === null
        ? verdictSection(report, verdict)
        : [
            comparisonHeader(report, comparison),
            arms,
            detailSection(comparison, verdict),
          ],
      modelRibbon(report, verdict),
      warningsSection(report),
      parts.map(({ body }) => body),
    ],
    footer:
      "Self-Rewarding Language Models, arXiv 2401.10020; Self-Instruct, arXiv 2212.10560. Judge metrics as in the former’s Table 4.",
  });
}
