/**
 * @file What `autodidact instruct` says: the estimate, the yield while it runs, the end,
 * and a marked review.
 */
import { reviewTable } from "../pipelines/instruct-stages/review-table.js";
import type { InstructOptions } from "../pipelines/instruct/run-instruct.js";
import type { InstructSettings } from "../recipes/instruct.js";
import type { RunEstimate } from "../reporting/instruct/schema.js";
import type { BudgetLimits } from "../endpoints/spending/budget.js";
import { formatMoney, roundedMoney } from "../text/money.js";
import { counted } from "../text/number-words.js";
import type { CommandIo } from "./io.js";

export function describeEstimate(
  { probed, accepted, expected }: RunEstimate,
  {
    settings,
    limits,
  }: { readonly settings: InstructSettings; readonly limits: BudgetLimits },
): string {
  if (expected === undefined) {
    return `The first ${counted(probed, "request")} gave no acceptable instruction: nothing can be said about the cost. Look at their answers before you go on.`;
  }
  const money =
    expected.costMicros === 0
      ? "no charge known"
      : `about ${formatMoney(expected.costMicros)}`;
  return `From the first ${counted(probed, "request")} (${accepted} accepted): ${counted(settings.accept, "instruction")} will take about ${counted(expected.requests, "request")} and ${counted(expected.tokens, "token")}, ${money}.${tooMuch(expected, limits)}`;
}

/** Which limits will end the run before its end; the estimate is of the whole run, as limits are. */
function tooMuch(
  { requests, tokens, costMicros }: NonNullable<RunEstimate["expected"]>,
  { maxRequests, maxTokens, maxCostMicros }: BudgetLimits,
): string {
  const exceeded = [
    ...(requests > (maxRequests ?? Infinity) ? ["--max-requests"] : []),
    ...(tokens > (maxTokens ?? Infinity) ? ["--max-tokens-total"] : []),
    ...(costMicros > (maxCostMicros ?? Infinity) ? ["--max-cost"] : []),
  ];
  return exceeded.length === 0
    ? ""
    : ` That is more than ${exceeded.join(" and ")} allows: the run will stop there, and can go on with a higher limit.`;
}

/**
 * Remarks while it runs: first the estimate, then each time another tenth is accepted
 * the yield and what a row costs. What is paid by then is hardly more than the
 * requests for instructions; kinds and instances come after them and cost most, so
 * what the probe expects of the whole stands beside it.
 */
export function runRemarks(
  io: CommandIo,
  plan: {
    readonly settings: InstructSettings;
    readonly limits: BudgetLimits;
  },
): Required<Pick<InstructOptions, "onEstimate" | "onYield">> {
  let told = 0;
  let whole = "";
  return {
    onEstimate: (estimate) => {
      io.remark(describeEstimate(estimate, plan));
      const costMicros = estimate.expected?.costMicros ?? 0;
      if (costMicros > 0)
        whole = `; about ${moneyEach(costMicros, plan.settings.accept)} each in the end`;
    },
    onYield: ({ requests, accepted, wanted, spent }) => {
      const tenths = Math.floor((10 * accepted) / wanted);
      if (tenths <= told || accepted === 0) return;
      told = tenths;
      const money =
        spent.cost === 0
          ? ""
          : `, ${moneyEach(spent.cost, accepted)} each so far, their kinds and instances still to be paid${whole}`;
      io.remark(
        `${accepted} of ${wanted} accepted from ${counted(requests, "request")} (${(accepted / requests).toFixed(2)} per request${money})`,
      );
    },
  };
}

function moneyEach(costMicros: number, rows: number): string {
  return formatMoney(roundedMoney(costMicros / rows));
}

export async function printReview(path: string, io: CommandIo): Promise<void> {
  const table = await reviewTable(path);
  const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
  io.print(`${table.reviewed} of ${table.rows} rows reviewed`);
  for (const { question, good, reviewed, share, paper } of table.lines) {
    const found =
      share === undefined
        ? "not reviewed"
        : `${percent(share.mean)} (${good} of ${reviewed}; 95 % interval ${percent(share.low)}–${percent(share.high)})`;
    io.print(`${question}: ${found}; the paper ${percent(paper)}`);
  }
  io.printJson(table);
}
