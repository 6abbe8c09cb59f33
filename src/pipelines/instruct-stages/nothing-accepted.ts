/**
 * @file The end of a run with nothing to train on: an error that says what most of the
 * answers were rejected for, and shows one, or where the instances were lost.
 */
import { INSTRUCTION_STAGE } from "../../instruct/stages.js";
import { counted } from "../../text/number-words.js";
import { AutodidactError } from "../../foundation/error.js";
import { countNames } from "../../instruct/data-report/counts.js";
import type { LedgerReader } from "../../ledger/ledger.js";
import { ruleInWords } from "../../reporting/instruct/rule-words.js";
import type { InstructReport } from "../../reporting/instruct/schema.js";
import type { InstructSettings } from "../../recipes/instruct.js";

const EXCERPT = 160;

interface RunWithNothing {
  /** Requests for instructions that were answered. */
  readonly requests: number;
  readonly settings: Pick<InstructSettings, "language">;
}

/** What to do about a model that does not answer such prompts. */
function remedy({ language }: Pick<InstructSettings, "language">): string {
  const model =
    language === "nursery"
      ? "Use a model that was taught these prompts, as `autodidact run nursery-self-instruct` teaches the nursery's own first"
      : "Use a model that follows such prompts";
  return `${model}, or other prompts (--style, --language), with another --run-dir; everything answered is kept in this one.`;
}

/** @throws GATE always, with the rule that rejected most and the beginning of one such piece */
export function refuseEmptyRun(
  ledger: LedgerReader,
  { requests, settings }: RunWithNothing,
): never {
  const stage = INSTRUCTION_STAGE;
  const rules = countNames(
    (function* () {
      for (const { rule } of ledger.read("rejections", { stage })) yield rule;
    })(),
  );
  const pieces = rules.reduce((sum, { count }) => sum + count, 0);
  const { name: rule, count } = rules[0] ?? { name: "none", count: 0 };
  const [example] = ledger.read("rejections", { stage, where: { rule } });
  const shown = beginning(example?.text ?? messageIn(example?.evidence));
  const words = ruleInWords(rule);
  throw new AutodidactError(
    "GATE",
    `No instruction was accepted from ${requests} requests: ${count} of ${pieces} pieces were rejected as "${rule}"${words === "" ? "" : ` (${words})`}${shown === "" ? "" : `; one begins "${shown}"`}. ` +
      remedy(settings),
    { stage, requests, pieces, rule, count },
  );
}

/**
 * The end of a run whose instructions all came away without an instance.
 * @throws GATE when the data set is empty; report and waterfall are written before
 */
export function refuseEmptyData({
  accepted,
  data,
  settings,
  waterfall,
}: Pick<InstructReport, "accepted" | "data" | "settings" | "waterfall">): void {
  if (data.counts.instances > 0) return;
  const lost = waterfall
    .filter((stage) => stage.requested > 0 && stage.accepted === 0)
    .map(({ stage, requested }) => `${stage} kept 0 of ${requested}`);
  throw new AutodidactError(
    "GATE",
    `The data set is empty: ${counted(accepted, "instruction was", "instructions were")} accepted, but none got an instance${lost.length === 0 ? "" : ` (${lost.join(", ")})`}. ` +
      "rejected.jsonl and report.html show what was refused and why. " +
      remedy(settings),
    { accepted, instances: 0 },
  );
}

function messageIn(evidence: unknown): string {
  const { message } = (evidence ?? {}) as { readonly message?: unknown };
  return typeof message === "string" ? message : "";
}

/** On one line. */
function beginning(text: string): string {
  const line = text
    .slice(0, 4 * EXCERPT)
    .replace(/\s+/gu, " ")
    .trim();
  return line.length <= EXCERPT ? line : `${line.slice(0, EXCERPT - 1)}…`;
}
