/**
 * @file report.html of a Self-Instruct run: which parts it has, and its one sentence.
 *
 * Everything on the page comes out of the report; what a model wrote goes through
 * the escaping of `html` like any other text.
 */
import { INSTRUCTION_STAGE } from "../../instruct/stages.js";
import { count, counted } from "../../text/number-words.js";
import { reportDocument } from "../html/document.js";
import { formatMoney, roundedMoney } from "../../text/money.js";
import type { InstructReport } from "./report-file.js";
import { diversitySection } from "./diversity-section.js";
import { headerSection } from "./header-section.js";
import { labelSection } from "./label-section.js";
import { lengthSection } from "./length-section.js";
import { madeSection } from "./made-section.js";
import { noveltySection } from "./novelty-section.js";
import { duplicateSection, overlapSection } from "./overlap-section.js";
import { reviewSection } from "./review-section.js";
import { yieldSection } from "./yield-section.js";
import { givenUpIn } from "../../pipelines/self-instruct/yield-waterfall.js";

/** The whole page as text; the same report gives the same bytes. */
export function renderInstructReport(report: InstructReport): string {
  const { data, settings, waterfall } = report;
  const parts = [
    { id: "overlap", name: "Overlap", body: overlapSection(data) },
    { id: "review", name: "Review", body: reviewSection(report.review) },
    { id: "yield", name: "Yield", body: yieldSection(waterfall) },
    { id: "diversity", name: "Diversity", body: diversitySection(data) },
    {
      id: "novelty",
      name: "Novelty",
      body: noveltySection(data, settings.novelty),
    },
    { id: "lengths", name: "Lengths", body: lengthSection(data) },
    { id: "labels", name: "Labels", body: labelSection(data) },
    { id: "duplicates", name: "Near-duplicates", body: duplicateSection(data) },
    { id: "made", name: "Settings", body: madeSection(report) },
  ].filter(({ body }) => body !== null);
  return reportDocument({
    title: `${report.name} – Autodidact`,
    skip: "To what was made",
    links: parts,
    main: [
      headerSection(report, summary(report)),
      parts.map(({ body }) => body),
    ],
    footer: "Self-Instruct, arXiv 2212.10560.",
  });
}

/** One sentence on what was made and what it took. */
export function summary(report: InstructReport): string {
  const { accepted, wanted, stop, spent, data } = report;
  const { instances } = data.counts;
  const ends = {
    accepted: "",
    barren: ` It stopped short of the ${count(wanted)} asked for: the model wrote nothing new any more.`,
    unreadable: " None of the first answers could be read.",
    "end-of-record": ` All recorded answers were judged.${unrecorded(report)}`,
  }[stop];
  const each =
    spent.costPerAcceptedMicros === null
      ? ""
      : `, ${formatMoney(roundedMoney(spent.costPerAcceptedMicros))} for each accepted instruction`;
  const money =
    spent.cost > 0
      ? ` for ${formatMoney(roundedMoney(spent.cost))}${each}`
      : "";
  const givenUp = givenUpIn(report.waterfall);
  const lacking =
    givenUp === 0
      ? ""
      : ` Not complete: ${counted(givenUp, "question")} had to be given up; the same command asks again.`;
  return (
    `${counted(accepted, "instruction")} with ${counted(instances, "instance")}, written by ${modelInWords(report.model)} ` +
    `${spent.calls === 0 ? "in answers that were recorded before" : `in ${counted(spent.calls, "answer")}${money}`}.${ends}${lacking}`
  );
}

/** A checkpoint's identity is the hash of its weights; its beginning names it well enough. */
function modelInWords(model: string): string {
  return /^[0-9a-f]{64}$/u.test(model) ? `model ${model.slice(0, 12)}` : model;
}

/** What a replay could not know; empty when it knew all. */
function unrecorded({ waterfall }: InstructReport): string {
  const failed = waterfall
    .filter(({ stage }) => stage !== INSTRUCTION_STAGE)
    .reduce((sum, stage) => sum + stage.failed, 0);
  return failed === 0
    ? ""
    : ` Failed for want of a recorded answer: ${count(failed)}, about instructions that the recorded run had not accepted.`;
}
