/**
 * @file A Self-Instruct run in words: one sentence, and the plain text that ends the
 * terminal's output.
 */
import { INSTRUCTION_STAGE } from "../../instruct/stages.js";
import { formatMoney, roundedMoney } from "../../text/money.js";
import { count, counted } from "../../text/number-words.js";
import type { InstructReport, WaterfallStage } from "./schema.js";

/** The sentence, and the books of every stage. */
export function instructSummary(report: InstructReport): string {
  const lines = report.waterfall.flatMap((stage) => [
    `${stage.stage}: ${stage.requested} ${stage.unit}, ${stage.accepted} accepted, ${stage.failed} failed`,
    ...stage.rejected.map(({ name, count: amount }) => `  ${name}: ${amount}`),
  ]);
  return [sentenceOf(report), "", ...lines].join("\n");
}

/** Questions of all stages that the next run asks again. */
export function givenUpIn(waterfall: readonly WaterfallStage[]): number {
  return waterfall.reduce((total, { givenUp = 0 }) => total + givenUp, 0);
}

/** One sentence on what was made and what it took. */
export function sentenceOf(report: InstructReport): string {
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
