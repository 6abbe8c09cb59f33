/**
 * @file A Self-Instruct run in words: one sentence, and the plain text that ends the
 * terminal's output.
 */
import { INSTRUCTION_STAGE } from "../../instruct/stages.js";
import { harmless, oneLine } from "../../text/harmless.js";
import { formatMoney, roundedMoney } from "../../text/money.js";
import { count, counted } from "../../text/number-words.js";
import { effortLines, stageEfforts } from "../schema/stage-effort.js";
import { ruleInWords } from "./rule-words.js";
import type { InstructReport, WaterfallStage } from "./schema.js";

/** Most characters of a text in a line of a terminal. */
const LONGEST = 110;

/** The sentence, the books of every stage, and some of what was kept and refused. */
export function instructSummary(report: InstructReport): string {
  const { waterfall, samples, usage, timings } = report;
  const effort = effortLines(stageEfforts(usage, timings?.stages));
  const books = waterfall.flatMap((stage) => [
    `${stage.stage}: ${stage.requested} ${stage.unit}, ${stage.accepted} accepted, ${stage.failed} failed`,
    ...stage.rejected.map(({ name, count: amount }) => `  ${name}: ${amount}`),
  ]);
  return [
    sentenceOf(report),
    "",
    ...books,
    ...(effort.length === 0 ? [] : ["", ...effort]),
    ...rows(samples),
    ...refusals(samples),
  ].join("\n");
}

function rows({ accepted }: InstructReport["samples"]): string[] {
  if (accepted.length === 0) return [];
  return [
    "",
    `${counted(accepted.length, "row")} of the data set:`,
    ...accepted.flatMap(({ instruction, input, output }) => [
      `  - ${oneLine(instruction, LONGEST)}`,
      ...(input === "" ? [] : [`    input:  ${oneLine(input, LONGEST)}`]),
      `    output: ${oneLine(output, LONGEST)}`,
    ]),
  ];
}

function refusals({ refused }: InstructReport["samples"]): string[] {
  if (refused.length === 0) return [];
  const rules = [...new Set(refused.map(({ rule }) => rule))];
  return [
    "",
    "Refused, for example:",
    ...rules.flatMap((rule) => [
      `  ${rule}: ${ruleInWords(rule)}`,
      ...refused
        .filter((piece) => piece.rule === rule)
        .map(
          ({ text, why }) =>
            `    - ${[text, why]
              .filter((each) => each.trim() !== "")
              .map((each) => oneLine(each, LONGEST))
              .join("  | ")}`,
        ),
    ]),
  ];
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
  const empty =
    instances === 0 ? " No row came of them: the data set is empty." : "";
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
    `${spent.calls === 0 ? "in answers that were recorded before" : `in ${counted(spent.calls, "answer")}${money}`}.${empty}${ends}${lacking}`
  );
}

/**
 * What a model is called: without the address of its endpoint, which is nobody else's
 * business, and of a checkpoint, whose identity is the hash of its weights, the
 * beginning.
 */
export function modelInWords(model: string): string {
  if (isWeightHash(model)) return `model ${model.slice(0, 12)}`;
  return harmless(servedModel(model) ?? model);
}

/** The name under which an endpoint serves the model; undefined for a checkpoint. */
export function servedModel(model: string): string | undefined {
  return /^https?:\/\/\S+ (.+)$/u.exec(model)?.[1];
}

function isWeightHash(model: string): boolean {
  return /^[0-9a-f]{64}$/u.test(model);
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
