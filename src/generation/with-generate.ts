/**
 * @file Wrapping a model: another way to `generate` over the same model.
 */
import type { LanguageModel } from "./language-model.js";
import { defined } from "../foundation/defined.js";

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
