/**
 * @file The model that is served, under its name, and one question to it.
 */
import type { Checkpoint } from "../checkpoints/checkpoint.js";
import type { OpenModel } from "../generation/embedded-language-model.js";
import type { SamplingParameters } from "../generation/language-model.js";

export interface HostedModel extends OpenModel {
  /** As requests call it. */
  readonly name: string;
  /** What else it answers to: its folder or Hub id as it was given. */
  readonly alias: string;
  /** When it was loaded, in seconds since 1970. */
  readonly created: number;
  readonly checkpoint: Checkpoint;
}

/** One prompt, with everything that decides its answers. */
export interface Ask extends SamplingParameters {
  readonly promptIds: readonly number[];
  readonly n: number;
  readonly seed: number;
  /** Text before each answer: the prompt, where it is to be repeated. */
  readonly echo: string | null;
  /** Likeliest tokens told for each token; null where no probabilities are asked for. */
  readonly alternatives: number | null;
}
