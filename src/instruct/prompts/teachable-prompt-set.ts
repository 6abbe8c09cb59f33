/**
 * @file A prompt set that also knows how a right answer to each of its prompts looks.
 *
 * A large base model learns the form of an answer from the examples in the prompt; a
 * model too small for that can be taught it on the seed tasks instead. Each answer is
 * what the set's own readers accept (tested).
 */
import type { Instance } from "../records.js";
import type { PromptSet } from "./prompt-set.js";

export interface TeachablePromptSet extends PromptSet {
  /** The answer to `instructions` that gives these. */
  instructionsAnswer(instructions: readonly string[]): string;
  classificationAnswer(isClassification: boolean): string;
  /** The answer to `instances` that gives these. */
  instancesAnswer(
    instances: readonly Instance[],
    isClassification: boolean,
  ): string;
}
