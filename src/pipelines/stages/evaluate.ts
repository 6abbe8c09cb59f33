/**
 * @file One model measured on held-out prompts and judge sets, outside of a run, in
 * the figures of the run's report.
 *
 * Nothing here feeds back into training. Prompts are asked as one user message,
 * greedily and sampled; intervals are over prompts. There is no file of rows: what is
 * answered is kept in the user's cache until all is, and the same evaluation goes on with it.
 */
import { join } from "node:path";
import { journaledModel } from "../../answers/journaled.js";
import { keptUntilDone } from "./kept-until-done.js";
import type { EvaluationSets } from "../../evaluation/evaluation-sets.js";
import {
  measure,
  type MeasurementSettings,
} from "../../evaluation/measurement.js";
import {
  modelFigures,
  truthOf,
  type ModelFigures,
} from "../../evaluation/model-figures.js";
import type { Verifier } from "../../evaluation/verifiers/verifier.js";
import { hashOf } from "../../foundation/hash.js";
import type { GenerateOptions } from "../../generation/language-model.js";
import { cacheFolder } from "../../models/weight-cache.js";
import { encodePrompt } from "../../models/encode-rows.js";
import type { OpenedModel } from "../../generation/loaded-model.js";
import { withSecondTry } from "./judge.js";
import { asConversation } from "./prompt-rows.js";

export interface EvaluationSettings extends Omit<
  MeasurementSettings,
  "maxTokens" | "ask"
> {
  /** Of an answer; 512, or what the model has room for, when undefined. */
  readonly maxTokens: number | undefined;
  /** Bootstrap resamples. */
  readonly resamples: number;
}

/** Most tokens of an answer when nothing else is asked for and the model has room. */
const DEFAULT_MAX_TOKENS = 512;

/** Measures a model and computes its figures; truth is null without a verifier. */
export async function evaluateModel(
  { languageModel, checkpoint }: OpenedModel,
  sets: EvaluationSets,
  settings: EvaluationSettings,
  how: GenerateOptions & {
    readonly verifier: Verifier | null;
    /** Told how many answers a stopped evaluation left. */
    readonly onFound?: (answers: number) => void;
  },
): Promise<ModelFigures> {
  const { verifier, onFound, ...options } = how;
  const { tokenizer, config } = checkpoint;
  const prompts = await Promise.all(
    sets.heldOut.map((row) =>
      encodePrompt(tokenizer, asConversation(row.prompt)),
    ),
  );
  const longest = prompts.reduce(
    (most, { length }) => Math.max(most, length),
    0,
  );
  const room = Math.max(1, config.maxPositions - longest);
  const maxTokens = settings.maxTokens ?? Math.min(DEFAULT_MAX_TOKENS, room);
  const judge =
    settings.judge === null
      ? null
      : await withSecondTry(tokenizer, settings.judge);
  const { seed, resamples, temperature, samplesPerPrompt } = settings;
  const asked = { maxTokens, judge, seed, temperature, samplesPerPrompt };
  const measurement = await keptUntilDone(
    {
      folder: join(cacheFolder(), "unfinished"),
      work: hashOf({ model: languageModel.identity, sets, asked }),
    },
    { signal: options.signal, onFound },
    (journal) =>
      measure(journaledModel(languageModel, journal), sets, asked, options),
  );
  const truth = truthOf(sets, measurement, verifier);
  return modelFigures({ sets, measurement, truth, seed, resamples });
}
