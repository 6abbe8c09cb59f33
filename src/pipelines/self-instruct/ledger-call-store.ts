/**
 * @file A run's ledger as the store in which bought answers are kept.
 */
import type { CallCache } from "../../ledger/call-cache.js";
import type { CallStore, StoredCall } from "../../serving/call-store.js";

/** Answers go into the ledger's `calls` table, costs in millionths of a dollar. */
export function ledgerCallStore(calls: CallCache): CallStore {
  return {
    get: (key) => {
      const stored = calls.get(key);
      if (stored === undefined) return undefined;
      const { body, cachedPromptTokens } = stored.response as StoredResponse;
      return {
        request: stored.request as StoredCall["request"],
        response: body,
        usage: {
          promptTokens: stored.tokensIn,
          cachedPromptTokens,
          completionTokens: stored.tokensOut,
          costMicros: stored.cost,
        },
      };
    },
    put: (key, { request, response, usage }) => {
      const { model } = request.body;
      calls.record([
        {
          key,
          model: typeof model === "string" ? model : request.endpoint,
          request,
          response: {
            body: response,
            cachedPromptTokens: usage.cachedPromptTokens,
          } satisfies StoredResponse,
          tokensIn: usage.promptTokens,
          tokensOut: usage.completionTokens,
          cost: usage.costMicros,
        },
      ]);
    },
  };
}

interface StoredResponse {
  readonly body: string;
  readonly cachedPromptTokens: number;
}
