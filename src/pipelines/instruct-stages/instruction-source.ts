/**
 * @file Where the answers to requests for instructions come from: the requests, shown
 * which examples, and what counts as an answer. A replay has a source of its own.
 */
import { derivedSeed, randomStream } from "../../foundation/random.js";
import type { GenerationRequest } from "../../generation/language-model.js";
import { refusalOf } from "../../generation/request-refusal.js";
import { InstructionFilter } from "../../instruct/instruction-filter.js";
import type { Reply } from "./author.js";
import type { InstructContext } from "./instruct-context.js";

/** Where answers come from: the model, or the record of an earlier run. */
export interface InstructionSource {
  /** Examples shown in request `index`, in order; `visible` machine-made ones were in the pool. */
  examples(index: number, visible: number): readonly string[];
  /** Asks request `index`; undefined when there is no such request any more. */
  ask(index: number, examples: readonly string[]): Promise<Reply | undefined>;
}

/** The request for instructions number `index`. */
export function instructionRequest(
  { prompts, sampling, settings }: InstructContext,
  index: number,
  examples: readonly string[],
): GenerationRequest {
  return {
    ...prompts.instructions(examples),
    ...sampling.instructions,
    n: 1,
    seed: derivedSeed(settings.seed, "instructions", index),
  };
}

/** The filter of a run with these settings. */
export function filterFor({
  seeds,
  pack,
  enabled,
  settings,
}: InstructContext): InstructionFilter {
  return new InstructionFilter({
    seeds: seeds.map((seed) => seed.instruction),
    pack,
    enabled,
    novelty: settings.novelty,
    accept: settings.accept,
    nearest: settings.nearest,
  });
}

/** A run's own source: examples from the pool, answers from the model. */
export function modelSource(
  context: InstructContext,
  filter: InstructionFilter,
): InstructionSource {
  const { settings, author } = context;
  return {
    examples: (index, visible) =>
      filter.pool.sample(
        settings.examples,
        randomStream(settings.seed, "examples", index),
        visible,
      ),
    ask: (index, examples) =>
      author.ask(instructionRequest(context, index, examples)),
  };
}

/**
 * The reply to request `index` if it is a result of that request.
 * @throws ENDPOINT for one that was given up for something that may pass, and for a
 *   first one that the model's context is too short for: so it is for the others
 */
export function replyResult<R extends Reply | undefined>(
  index: number,
  reply: R,
): R {
  if (reply === undefined || !("refusal" in reply)) return reply;
  const { refusal } = reply;
  const tooLong = refusal.details["failure"] === "context-too-long";
  if (refusalOf(refusal) === "may-pass" || (index === 0 && tooLong))
    throw refusal;
  return reply;
}
