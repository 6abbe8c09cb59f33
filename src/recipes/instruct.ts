/**
 * @file Everything that decides what a Self-Instruct run makes: the recipe.
 *
 * The defaults are the paper's (arXiv 2212.10560, section 2.2 and table 4; the
 * released code at 0b26ccaa). Where the model is and what may be spent is not in
 * here: a run may go on elsewhere, or with more money, and is the same run. How to
 * speak to an endpoint may be said here, and is recorded with the endpoint only.
 */
import { z } from "zod";
import { LANGUAGE_IDS } from "../instruct/language-packs/language-pack.js";
import type { PromptStyle } from "../instruct/prompts/prompt-set.js";
import {
  CHAT_SAMPLING,
  PAPER_EXAMPLES,
  PAPER_MAX_INSTANCES,
  PAPER_NEW_INSTRUCTIONS,
  PAPER_NOVELTY_THRESHOLD,
  PAPER_SAMPLING,
  type InstructSampling,
} from "../instruct/settings.js";
import { recipeName, recipePath } from "./schema-keys.js";
import { endpointKeys } from "../endpoints/transport/endpoint-settings.js";
import { atLeastOne, fromZero, notNegative, share } from "./numbers.js";

const sampling = z.strictObject({
  temperature: notNegative.describe("0 takes the most probable token."),
  topP: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe("Sample among the most probable tokens that make up this share."),
  topK: fromZero
    .default(0)
    .describe("Sample among this many tokens; 0 for all."),
  presencePenalty: z
    .number()
    .min(-2)
    .max(2)
    .default(0)
    .describe("Taken from the logit of a token that has occurred."),
  frequencyPenalty: z
    .number()
    .min(-2)
    .max(2)
    .default(0)
    .describe("Taken from the logit of a token for each time it has occurred."),
  maxTokens: atLeastOne.describe(
    "Most tokens of an answer; fewer where the context of a checkpoint on this machine ends before.",
  ),
});

export const instructSettingsSchema = z.strictObject({
  name: recipeName()
    .default("self-instruct")
    .describe("Name of the data set; names the run's folder."),
  language: z
    .enum(LANGUAGE_IDS)
    .default("en")
    .describe(
      "Language of prompts, filters and bundled seeds; nursery is that of the small world.",
    ),
  seeds: recipePath()
    .nullable()
    .default(null)
    .describe(
      "Seed tasks in any format that `readSeedFile` reads; the bundled ones when null.",
    ),
  style: z
    .enum(["auto", "completion", "chat"])
    .default("auto")
    .describe(
      'Completion prompts for base models, chat prompts for chat models; "auto" asks the model.',
    ),
  accept: atLeastOne.default(100).describe("Instructions to accept."),
  seed: fromZero.default(0).describe("Fixes everything that is drawn."),
  examples: z
    .strictObject({
      seed: atLeastOne
        .default(PAPER_EXAMPLES.seed)
        .describe("Examples from the seed tasks."),
      machine: fromZero
        .default(PAPER_EXAMPLES.machine)
        .describe(
          "Examples that the model wrote itself, as far as there are any.",
        ),
    })
    .prefault({})
    .describe(
      "Instructions shown in one prompt, from the seeds and from the model's own.",
    ),
  newInstructions: atLeastOne
    .default(PAPER_NEW_INSTRUCTIONS)
    .describe("New instructions asked for in one request."),
  maxInstances: atLeastOne
    .default(PAPER_MAX_INSTANCES)
    .describe("Most instances of one instruction."),
  instanceAnswers: atLeastOne
    .default(1)
    .describe(
      "Answers asked for about the instances of one instruction, each sampled anew; the filters see the instances of all of them together.",
    ),
  novelty: share
    .default(PAPER_NOVELTY_THRESHOLD)
    .describe(
      "An instruction more similar than this to any earlier one is rejected.",
    ),
  withoutRules: z
    .array(z.string())
    .default([])
    .describe("Names of filter rules to switch off."),
  nearest: z
    .boolean()
    .default(false)
    .describe(
      "Record the nearest neighbour of every instruction, also of those that were accepted or that a rule refused; slower.",
    ),
  inFlight: atLeastOne
    .default(32)
    .describe(
      "Most requests for instructions in flight. Request i, counted from 0, is shown the pool without the answers to the min(inFlight − 1, ⌊i / 2⌋) requests right before it, so this decides what comes out; where fewer are needed, fewer are sent, which changes nothing but the bill.",
    ),
  barrenRequests: atLeastOne
    .default(100)
    .describe(
      "Requests in a row without an accepted instruction after which the run gives up.",
    ),
  sampling: z
    .strictObject({
      instructions: sampling.describe("When new instructions are written."),
      classification: sampling.describe("When a task is sorted."),
      instances: sampling.describe("When instances are written."),
    })
    .nullable()
    .default(null)
    .describe(
      "The paper's for completion prompts when null, ours for chat prompts.",
    ),
  card: z
    .strictObject({
      license: z
        .string()
        .regex(/^[a-z0-9][a-z0-9.+-]*$/i, "it must be a name such as cc-by-4.0")
        .default("unknown")
        .describe(
          "Licence of the data by its name at the Hub (cc-by-4.0, apache-2.0, other). Whoever publishes it has to know; the terms of the model that wrote it bind as well.",
        ),
      baseModel: z
        .string()
        .min(1)
        .exactOptional()
        .describe(
          "The Hub id of the model that wrote the data; what the model was called when absent, where that is one.",
        ),
    })
    .exactOptional()
    .describe(
      "What the data set's card says of it; no part of what the run makes.",
    ),
  endpoint: endpointKeys
    .exactOptional()
    .describe("How to speak to an endpoint; no part of what the run makes."),
});

export type InstructSettings = z.infer<typeof instructSettingsSchema>;

/** Settings with the paper's values where nothing else is said. */
export function instructSettings(
  settings: z.input<typeof instructSettingsSchema>,
): InstructSettings {
  return instructSettingsSchema.parse(settings);
}

/** Settings with nothing left to the model. */
export type ResolvedSettings = InstructSettings & {
  readonly style: PromptStyle;
};

/** The style is the model's where nothing else is said. */
export function resolveSettings(
  settings: InstructSettings,
  style: PromptStyle,
): ResolvedSettings {
  return {
    ...settings,
    style: settings.style === "auto" ? style : settings.style,
  };
}

/** Most requests in the probe; the yield of a few is known well enough to plan with. */
const FIRST_REQUESTS = 4;

/**
 * Requests for instructions that are sent before the yield of any is known; one
 * answer is enough where it may hold all that is asked for.
 */
export function firstRequests({
  accept,
  inFlight,
  newInstructions,
}: Pick<InstructSettings, "accept" | "inFlight" | "newInstructions">): number {
  return Math.min(
    FIRST_REQUESTS,
    inFlight,
    Math.ceil(accept / newInstructions),
  );
}

/** What to sample with. */
export function samplingOf(settings: ResolvedSettings): InstructSampling {
  return (
    settings.sampling ??
    (settings.style === "chat" ? CHAT_SAMPLING : PAPER_SAMPLING)
  );
}
