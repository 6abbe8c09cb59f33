/**
 * @file Models that are no part of the run: a judge, or an author of prompts, behind an
 * endpoint, with a limit each. What they answered is in the run's ledger, so nothing is
 * bought twice.
 */
import { join } from "node:path";
import { PriceTable, readPriceTable } from "../../endpoints/spending/prices.js";
import { defined } from "../../foundation/defined.js";
import { AutodidactError } from "../../foundation/error.js";
import type { LanguageModel } from "../../generation/language-model.js";
import { withoutRefusals } from "../../generation/without-refusals.js";
import type { Ledger } from "../../ledger/ledger.js";
import {
  recordedOutsideModel,
  type OutsideModel,
} from "../../recipes/outside-model.js";
import type { SelfRewardingRecipe } from "../../recipes/self-rewarding.js";
import { PACKAGE_FOLDER } from "../run/environment.js";
import { limitedEndpoint } from "../run/limited-endpoint.js";
import type { StageContext } from "../run/run-stage.js";

/** What a recipe may leave to an outside model, with the stages in which it is asked. */
const PURPOSES = { judge: "*judge*", prompts: "round-*/prompts" } as const;

export type OutsidePurpose = keyof typeof PURPOSES;

/** Opens an outside model for one piece of work. */
export type WithOutside = <T>(
  purpose: OutsidePurpose,
  use: (model: LanguageModel) => Promise<T>,
) => Promise<T>;

/** @param recipe with limits, prices and keys as they are now */
export function outsideModels(
  recipe: Pick<SelfRewardingRecipe, OutsidePurpose>,
  { ledger, emit }: Pick<StageContext, "emit"> & { readonly ledger: Ledger },
): WithOutside {
  return async (purpose, use) => {
    const named = recipe[purpose].endpoint;
    if (named === undefined)
      throw new AutodidactError(
        "USAGE",
        `The recipe asks an outside model, but ${purpose}.endpoint does not say which.`,
      );
    const { price, maxCost, maxTotalTokens, maxRequests, ...endpoint } = named;
    const model = limitedEndpoint(endpoint, {
      ...{ store: ledger.answers, emit },
      spent: ledger.answers.totals(PURPOSES[purpose]),
      limits: defined({
        maxCostMicros: maxCost === undefined ? undefined : micros(maxCost),
        ...{ maxTokens: maxTotalTokens, maxRequests },
      }),
      prices: await pricesOf(endpoint.model, price),
    });
    try {
      return await use(withoutRefusals(model));
    } finally {
      await model.close();
    }
  };
}

function micros(dollars: number): number {
  return Math.round(dollars * 1e6);
}

async function pricesOf(
  model: string,
  price: OutsideModel["price"],
): Promise<PriceTable> {
  if (price === undefined)
    return readPriceTable(join(PACKAGE_FOLDER, "prices.yaml"));
  const [input, output] = [micros(price.input), micros(price.output)];
  return new PriceTable(
    new Map([[model, { input, cachedInput: input, output }]]),
  );
}

/** The recipe as a run records it: limits, prices and keys decide nothing of the result. */
export function withoutLimits(
  recipe: SelfRewardingRecipe,
): SelfRewardingRecipe {
  const recorded = <K extends { readonly endpoint?: OutsideModel | undefined }>(
    keys: K,
  ): K =>
    keys.endpoint === undefined
      ? keys
      : { ...keys, endpoint: recordedOutsideModel(keys.endpoint) };
  return {
    ...recipe,
    prompts: recorded(recipe.prompts),
    judge: recorded(recipe.judge),
  };
}
