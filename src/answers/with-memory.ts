/**
 * @file A model with a memory: what it answered once is not computed again.
 *
 * Served models keep their raw answers themselves (`SampleMemory`); this does the same
 * for any other, so that a killed run goes on where it was and filters can be tried
 * anew. Each answer is kept as soon as it is there. Only `generate` remembers.
 */
import { AutodidactError } from "../foundation/error.js";
import type {
  Completion,
  GenerationRequest,
  LanguageModel,
} from "../generation/language-model.js";
import { wrapped } from "../generation/wrapped.js";
import { requestKey } from "./answer-key.js";
import type { AnswerStore, StoredAnswer } from "./answer-store.js";
import { askMissing } from "./ask-missing.js";
import { completionsSchema } from "./answer-schemas.js";

/** `model`, asked together for all that `store` lacks. */
export function withMemory(
  model: LanguageModel,
  store: AnswerStore,
): LanguageModel {
  const { identity } = model;
  return wrapped(model, {
    generate: (requests, options = {}) =>
      askMissing(
        requests,
        options,
        {
          keyOf: (request) =>
            requestKey({ kind: "generate", version: 1, identity, request }),
          find: async (key) => {
            const found = await store.get(key);
            return found && completionsIn(found);
          },
          keep: async ({ key, request }, completions) =>
            store.put(
              key,
              await storedCompletions(model, request, completions),
            ),
        },
        (missing, asked) => model.generate(missing, asked),
      ),
  });
}

/** A model that is not here: over a store it answers what it answered before. */
export function absentModel(identity: string): LanguageModel {
  const refuse = (): Promise<never> =>
    Promise.reject(
      new AutodidactError(
        "BAD_INPUT",
        `The recorded run has no answer of ${identity} to this request. A replay only knows what the recorded run asked; run it without a replay to ask anew.`,
        { identity },
      ),
    );
  return { identity, generate: refuse, score: refuse };
}

/** What an entry holds of a model in this process. */
function completionsIn({ response }: StoredAnswer): readonly Completion[] {
  return completionsSchema.parse(JSON.parse(response));
}

/** Completions of a model in this process as an entry. */
async function storedCompletions(
  { identity, context }: LanguageModel,
  request: GenerationRequest,
  completions: readonly Completion[],
): Promise<StoredAnswer> {
  return {
    request: { endpoint: identity, path: "generate", body: { ...request } },
    response: JSON.stringify(
      completions.map(({ text, tokens, finishReason }) => ({
        text,
        tokens,
        finishReason,
      })),
    ),
    usage: {
      promptTokens: (await context?.promptTokens(request.prompt, request)) ?? 0,
      cachedPromptTokens: 0,
      completionTokens: completions.reduce((sum, each) => sum + each.tokens, 0),
      costMicros: 0,
    },
  };
}
