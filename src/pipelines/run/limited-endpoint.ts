/**
 * @file An endpoint opened for a run: over the answers that the run has, within what is
 * left of its limits, telling the listener what goes wrong.
 */
import type { AnswerStore } from "../../answers/answer-store.js";
import { openEndpoint, type ServedModel } from "../../endpoints/endpoint.js";
import { Budget, type BudgetLimits } from "../../endpoints/spending/budget.js";
import type { PriceTable } from "../../endpoints/spending/prices.js";
import type { EndpointSettings } from "../../endpoints/transport/endpoint-settings.js";
import type { EventListener } from "../../events/run-event.js";
import { defined } from "../../foundation/defined.js";
import type { AnswerTotals } from "../../ledger/answer-table.js";

interface LimitedParts {
  /** Answers are kept in it and taken from it. */
  readonly store: AnswerStore;
  /** What the run has used so far. */
  readonly spent: AnswerTotals;
  readonly limits: BudgetLimits;
  readonly prices?: PriceTable | undefined;
  /** Folder of the recorded run; nothing may be bought. */
  readonly replayOf?: string | undefined;
  readonly emit: EventListener;
}

/** @throws USAGE as `openEndpoint` does */
export function limitedEndpoint(
  endpoint: EndpointSettings,
  { store, spent, limits, prices, replayOf, emit }: LimitedParts,
): ServedModel {
  return openEndpoint(endpoint, {
    store,
    budget: budgetAfter(limits, spent),
    ...defined({ prices, replayOf }),
    onNotice: (message) => {
      emit({ type: "warning", code: "endpoint-manners", message });
    },
    onTrouble: ({ endpoint: address, evidence, pauseMs }) => {
      const seconds = Math.max(1, Math.round(pauseMs / 1000));
      emit({
        type: "warning",
        code: "endpoint-trouble",
        message: `No answer from ${address} (${evidence}); trying again in ${seconds} s.`,
      });
    },
  });
}

/** What is left of the limits after what earlier processes of the run spent. */
export function budgetAfter(limits: BudgetLimits, spent: AnswerTotals): Budget {
  return new Budget(limits, {
    requests: spent.calls,
    tokens: spent.tokensIn + spent.tokensOut,
    costMicros: spent.cost,
  });
}
