/**
 * @file A host whose models tell what they were asked.
 */
import type { CallUsage, LanguageModel, ModelHost } from "./language-model.js";

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
  const { identity, context, optionLogprobs } = model;
  return {
    identity,
    ...(context === undefined ? {} : { context }),
    generate: (requests, options) =>
      model.generate(requests, { ...options, onUsage }),
    score: (requests, options) =>
      model.score(requests, { ...options, onUsage }),
    ...(optionLogprobs !== undefined && {
      optionLogprobs: (requests, options) =>
        optionLogprobs.call(model, requests, { ...options, onUsage }),
    }),
  };
}
