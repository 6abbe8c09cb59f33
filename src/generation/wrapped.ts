/**
 * @file Wrapping a model: other ways to ask the same one.
 */
import type { LanguageModel } from "./language-model.js";
import { defined } from "../foundation/defined.js";

/** `model`, asked by the methods given; one that does not weigh options still does not. */
export function wrapped(
  model: LanguageModel,
  methods: Partial<
    Pick<LanguageModel, "generate" | "score" | "optionLogprobs">
  >,
): LanguageModel {
  const { identity, context, lanes } = model;
  return {
    identity,
    ...defined({ context, lanes }),
    generate: (...asked) => model.generate(...asked),
    score: (...asked) => model.score(...asked),
    ...(model.optionLogprobs !== undefined && {
      optionLogprobs: async (...asked) =>
        (await model.optionLogprobs?.(...asked)) ?? [],
    }),
    ...methods,
  };
}

/** What tells of `model` and scores with it, but generates with `generate`. */
export function withGenerate(
  model: LanguageModel,
  generate: LanguageModel["generate"],
): LanguageModel {
  const { identity, context } = model;
  return {
    identity,
    ...defined({ context }),
    generate,
    score: (requests, options) => model.score(requests, options),
  };
}
