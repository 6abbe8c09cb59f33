/**
 * @file report.html of a Self-Instruct run: which parts it has.
 *
 * Everything on the page comes out of the report; what a model wrote goes through
 * the escaping of `html` like any other text.
 */
import { reportDocument } from "../html/document.js";
import type { InstructReport } from "./schema.js";
import { diversitySection } from "./diversity-section.js";
import { headerSection } from "./header-section.js";
import { labelSection } from "./label-section.js";
import { lengthSection } from "./length-section.js";
import { effortSection, madeSection } from "./made-section.js";
import { noveltySection } from "./novelty-section.js";
import { duplicateSection, overlapSection } from "./overlap-section.js";
import { sentenceOf } from "./summary.js";
import { reviewSection } from "./review-section.js";
import { refusedSection, rowsSection } from "./samples-section.js";
import { yieldSection } from "./yield-section.js";

/** The whole page as text; the same report gives the same bytes. */
export function renderInstructReport(report: InstructReport): string {
  const { data, settings, waterfall } = report;
  const parts = [
    { id: "overlap", name: "Overlap", body: overlapSection(data) },
    { id: "review", name: "Review", body: reviewSection(report.review) },
    { id: "rows", name: "Rows", body: rowsSection(report.samples) },
    { id: "yield", name: "Yield", body: yieldSection(waterfall) },
    { id: "refused", name: "Refused", body: refusedSection(report.samples) },
    { id: "diversity", name: "Diversity", body: diversitySection(data) },
    {
      id: "novelty",
      name: "Novelty",
      body: noveltySection(data, settings.novelty),
    },
    { id: "lengths", name: "Lengths", body: lengthSection(data) },
    { id: "labels", name: "Labels", body: labelSection(data) },
    { id: "duplicates", name: "Near-duplicates", body: duplicateSection(data) },
    { id: "effort", name: "Effort", body: effortSection(report) },
    { id: "made", name: "Settings", body: madeSection(report) },
  ].filter(({ body }) => body !== null);
  return reportDocument({
    title: `${report.name} – Autodidact`,
    skip: "To what was made",
    links: parts,
    main: [
      headerSection(report, sentenceOf(report)),
      parts.map(({ body }) => body),
    ],
    footer: "Self-Instruct, arXiv 2212.10560.",
  });
}
