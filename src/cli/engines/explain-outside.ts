/**
 * @file Models behind endpoints that a loop asks beside its own, explained:
 * `autodidact run --plan`.
 */
import {
  parseBaseUrl,
  showUrl,
} from "../../endpoints/transport/endpoint-settings.js";
import type { SelfRewardingRecipe } from "../../recipes/self-rewarding.js";
import { rewardSource } from "../../rewarding/sources/reward-sources.js";
import { count } from "../../text/number-words.js";

export interface ExplainedOutside {
  /** The key of the recipe that names it. */
  readonly key: "prompts.endpoint" | "judge.endpoint";
  /** For people, a sentence. */
  readonly does: string;
  readonly baseUrl: string;
  readonly model: string;
}

/** @throws USAGE for an address that is none */
export function explainOutside({
  prompts,
  judge,
}: Pick<SelfRewardingRecipe, "prompts" | "judge">): ExplainedOutside[] {
  const judges = rewardSource(judge.source).judge === "endpoint";
  return (
    [
      ["prompts.endpoint", "writes the prompts", prompts.endpoint],
      ["judge.endpoint", "judges", judges ? judge.endpoint : undefined],
    ] as const
  ).flatMap(([key, does, endpoint]) => {
    if (endpoint === undefined) return [];
    const { model, apiKeyVariable, maxCost, maxTotalTokens, maxRequests } =
      endpoint;
    const limits = [
      ...(maxCost === undefined ? [] : [`$${maxCost}`]),
      ...(maxTotalTokens === undefined
        ? []
        : [`${count(maxTotalTokens)} tokens`]),
      ...(maxRequests === undefined ? [] : [`${count(maxRequests)} requests`]),
    ];
    const baseUrl = showUrl(parseBaseUrl(endpoint.baseUrl));
    return [
      {
        key,
        does: `${model} at ${baseUrl} ${does}${apiKeyVariable === undefined ? "" : `, with the key in ${apiKeyVariable}`}, ${limits.length === 0 ? "without a limit" : `for at most ${limits.join(", ")}`}.`,
        baseUrl,
        model,
      },
    ];
  });
}
