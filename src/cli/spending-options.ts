/**
 * @file What an endpoint may take at most, as options: of money, tokens and requests.
 */
import { join } from "node:path";
import type { BudgetLimits } from "../endpoints/spending/budget.js";
import {
  readPriceTable,
  type PriceTable,
} from "../endpoints/spending/prices.js";
import { defined } from "../foundation/defined.js";
import { AutodidactError } from "../foundation/error.js";
import { PACKAGE_FOLDER } from "../pipelines/run/environment.js";
import { parseMoney } from "../text/money.js";
import type { CommandValues, OptionTable } from "./command.js";
import { integerOption, textOption } from "./options.js";

export const SPENDING_OPTIONS = {
  maxCost: textOption("DOLLARS", "Stop before more than this is spent"),
  maxTokensTotal: integerOption(
    "N",
    "Stop before more tokens are used, in and out",
    {
      min: 1,
    },
  ),
  maxRequests: integerOption("N", "Stop before more requests are sent", {
    min: 1,
  }),
  prices: textOption(
    "FILE",
    'Price table whose lines win over the bundled prices.yaml; "-" is standard input',
  ),
} as const satisfies OptionTable;

export type SpendingValues = CommandValues<
  Record<never, never>,
  typeof SPENDING_OPTIONS
>;

/** @throws USAGE for what is no amount of money */
export function limitsOf(values: SpendingValues): BudgetLimits {
  const { maxCost, maxTokensTotal, maxRequests } = values;
  const micros = maxCost === undefined ? undefined : parseMoney(maxCost);
  if (maxCost !== undefined && micros === undefined) {
    throw new AutodidactError(
      "USAGE",
      `--max-cost is "${maxCost}", which is no amount of dollars. Give something like 2.50.`,
      { option: "--max-cost", value: maxCost },
    );
  }
  return {
    ...defined({
      maxCostMicros: micros,
      maxTokens: maxTokensTotal,
      maxRequests,
    }),
  };
}

/** @throws BAD_INPUT for a bad table */
export async function pricesOf(own: string | undefined): Promise<PriceTable> {
  const bundled = await readPriceTable(join(PACKAGE_FOLDER, "prices.yaml"));
  return own === undefined
    ? bundled
    : bundled.overriddenBy(await readPriceTable(own));
}
