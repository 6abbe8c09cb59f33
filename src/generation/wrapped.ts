/**
 * @file Wrapping a model: other ways to ask the same one.
 */
import type { LanguageModel } from "./language-model.js";
import { defined } from "../foundation/defined.js";

type WeighOptions = NonNullable<LanguageModel["optionLogprobs"]>;

/**
 * `model`, asked by the methods given.
 * @param methods.optionLogprobs made of the model's own; one that does not weigh options
 *   still does not
 */
export function wrapped(
  model: LanguageModel,
  methods: Partial<Pick<LanguageModel, "generate" | "score">> & {
    readonly optionLogprobs?: (weigh: WeighOptions) => WeighOptions;
  },
): LanguageModel {
  const { identity, context, lanes } = model;
  const { optionLogprobs = (own) => own, ...others } = methods;
  const weigh = model.optionLogprobs?.bind(model);
  return {
    identity,
    ...defined({ context, lanes }),
    generate: (...asked) => model.generate(...asked),
    score: (...asked) => model.score(...asked),
    ...(weigh !== undefined && { optionLogprobs: optionLogprobs(weigh) }),
    ...others,
  };
}
