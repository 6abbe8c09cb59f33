/**
 * @file Where candidates were lost: the books of a run, stage by stage and rule by
 * rule, read out of the ledger.
 *
 * Balance is checked, not assumed: in every finished stage the rows must say what
 * the counts say, or the run is not to be trusted.
 */
import {
  CLASSIFICATION_STAGE,
  GIVEN_UP,
  INSTANCE_STAGE,
  INSTRUCTION_STAGE,
  UNANSWERED,
} from "../../instruct/stages.js";
import { AutodidactError } from "../../foundation/error.js";
import { countNames } from "../../instruct/data-report/counts.js";
import type { Count } from "../../instruct/data-report/report-schema.js";
import type { LedgerReader } from "../../ledger/ledger.js";
import type { WaterfallStage } from "../../reporting/instruct/schema.js";

const STAGES = [
  { stage: INSTRUCTION_STAGE, unit: "pieces of answers", table: "prompts" },
  { stage: CLASSIFICATION_STAGE, unit: "instructions", table: "candidates" },
  { stage: INSTANCE_STAGE, unit: "pieces of answers", table: "candidates" },
] as const;

/**
 * The books of the stages begun so far.
 * @throws IMBALANCE when a finished stage's rows do not add up to its counts
 */
export function yieldWaterfall(
  ledger: LedgerReader,
): readonly WaterfallStage[] {
  const counts = new Map(ledger.counts().map((each) => [each.name, each]));
  return STAGES.flatMap(({ stage, unit, table }) => {
    const recorded = counts.get(stage);
    if (recorded === undefined) return [];
    const rules = countNames(
      (function* () {
        for (const { rule } of ledger.read("rejections", { stage })) yield rule;
      })(),
    );
    const failed = sum(rules.filter(({ name }) => UNANSWERED.has(name)));
    const givenUp = sum(rules.filter(({ name }) => name === GIVEN_UP));
    const rejected = rules.filter(({ name }) => !UNANSWERED.has(name));
    const accepted = ledger.count(table, { stage });
    const lost = sum(rejected);
    const balanced =
      accepted === recorded.accepted &&
      lost === recorded.rejected &&
      failed === recorded.failed &&
      recorded.pending === 0;
    if (recorded.status === "complete" && !balanced) {
      throw new AutodidactError(
        "IMBALANCE",
        `Stage "${stage}" counts ${recorded.requested} requested = ${recorded.accepted} accepted + ${recorded.rejected} rejected + ${recorded.failed} failed, but its rows say ${accepted}, ${lost} and ${failed}. The run must not be trusted; report this with the run folder.`,
        { stage, accepted, rejected: lost, failed },
      );
    }
    return [
      {
        stage,
        unit,
        requested: recorded.requested,
        accepted: recorded.accepted,
        rejected,
        failed,
        ...(givenUp === 0 ? {} : { givenUp }),
        pending: recorded.pending,
      },
    ];
  });
}

function sum(rules: readonly Count[]): number {
  return rules.reduce((total, { count }) => total + count, 0);
}
