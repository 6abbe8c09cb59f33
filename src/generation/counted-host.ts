/**
 * @file A host whose models tell what they were asked.
 */
import type { CallUsage, LanguageModel, ModelHost } from "./language-model.js";
import { wrapped } from "./wrapped.js";

/** `host`; `onUsage` is told of every call of its models. */
export function countedHost(
  host: ModelHost,
  onUsage: (usage: CallUsage) => void,
): ModelHost {
  return {
    withModel: (checkpoint, use) =>
      host.withModel(checkpoint, (model) => use(counted(model, onUsage))),
  };
}

function counted(
  model: LanguageModel,
  onUsage: (usage: CallUsage) => void,
): LanguageModel {
  return wrapped(model, {
    generate: (requests, options) =>
      model.generate(requests, { ...options, onUsage }),
    score: (requests, options) =>
      model.score(requests, { ...options, onUsage }),
    optionLogprobs: (weigh) => (requests, options) =>
      weigh(requests, { ...options, onUsage }),
  });
}
