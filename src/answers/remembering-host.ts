/**
 * @file A host that remembers what some of its models answered, for runs that ask the
 * same weights the same thing: the arms of a comparison begin from one M1.
 */
import { defined } from "../foundation/defined.js";
import type {
  Completion,
  LanguageModel,
  ModelHost,
} from "../generation/language-model.js";
import { requestKey } from "./answer-key.js";
import type { AnswerStore } from "./answer-store.js";
import { completionsIn, storedCompletions } from "./with-memory.js";

/** `host`; what a model that `isShared` answered before is taken from `store`. */
export function rememberingHost(
  host: ModelHost,
  store: AnswerStore,
  isShared: (checkpoint: string) => boolean,
): ModelHost {
  return {
    withModel: (checkpoint, use) =>
      host.withModel(checkpoint, (model) =>
        use(isShared(checkpoint) ? withBatchMemory(model, store) : model),
      ),
  };
}

/** `model`, asked together for all that `store` lacks; only `generate` remembers. */
function withBatchMemory(
  model: LanguageModel,
  store: AnswerStore,
): LanguageModel {
  const { identity, context, optionLogprobs } = model;
  return {
    identity,
    ...defined({ context }),
    score: (requests, options) => model.score(requests, options),
    ...(optionLogprobs !== undefined && {
      optionLogprobs: (requests, options) =>
        optionLogprobs.call(model, requests, options),
    }),
    generate: async (requests, options) => {
      const keys = requests.map((request) =>
        requestKey({ kind: "generate", version: 1, identity, request }),
      );
      const answers = new Map<string, readonly Completion[]>();
      for (const key of keys) {
        const found = await store.get(key);
        if (found !== undefined) answers.set(key, completionsIn(found));
      }
      const missing = requests
        .map((request, i) => ({ request, key: keys[i] ?? "" }))
        .filter(({ key }) => !answers.has(key));
      const made =
        missing.length === 0
          ? []
          : await model.generate(
              missing.map(({ request }) => request),
              options,
            );
      for (const [i, { request, key }] of missing.entries()) {
        const completions = made[i] ?? [];
        await store.put(
          key,
          await storedCompletions(model, request, completions),
        );
        answers.set(key, completions);
      }
      return keys.map((key) => answers.get(key) ?? []);
    },
  };
}
