/**
 * @file Everything Self-Instruct asks a model, and how it reads the answers.
 *
 * A prompt set is the one thing to replace for a world with its own language, as
 * the nursery has: the loop knows no wording. Prompts depend on their arguments
 * alone; sampling is done by the caller.
 */
import type { Prompt } from "../../data/records.js";
import type { ClassificationAnswer } from "../parsing/classification-answer.js";
import type { Answer, Instance, Parsed } from "../records.js";

/** Completion prompts are for base models, chat prompts for chat models. */
export type PromptStyle = "completion" | "chat";

export interface ModelPrompt {
  readonly prompt: Prompt;
  /** Texts at which a base model must be stopped; empty for chat. */
  readonly stop: readonly string[];
}

export interface PromptSet {
  /** Name and version of wording and examples, for the run's record. */
  readonly id: string;
  /** Asks for new instructions like `examples`, in the order given. */
  instructions(examples: readonly string[]): ModelPrompt;
  readInstructions(answer: Answer): Parsed<string>;
  /** Asks whether `instruction` is a classification task. */
  classification(instruction: string): ModelPrompt;
  readClassification(answer: Answer): ClassificationAnswer;
  /** Asks for instances: output-first for a classification task, input-first otherwise. */
  instances(instruction: string, isClassification: boolean): ModelPrompt;
  readInstances(answer: Answer, isClassification: boolean): Parsed<Instance>;
}
