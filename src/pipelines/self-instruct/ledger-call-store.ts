/**
 * @file A run's ledger as the store in which bought answers are kept.
 */
import type { Call, CallCache } from "../../ledger/call-cache.js";
import type { CallStore, StoredCall } from "../../answers/call-store.js";

/** Answers go into the ledger's `calls` table, costs in millionths of a dollar. */
export function ledgerCallStore(calls: CallCache): CallStore {
  return {
    get: (key) => {
      const stored = calls.get(key);
      return stored === undefined ? undefined : storedCall(stored);
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

/** Everything that is kept, in the order of the keys. */
export function* keptCalls(
  calls: CallCache,
): Generator<readonly [key: string, call: StoredCall]> {
  for (const call of calls.all()) yield [call.key, storedCall(call)];
}

function storedCall(stored: Call): StoredCall {
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
}

interface StoredResponse {
  readonly body: string;
  readonly cachedPromptTokens: number;
}
