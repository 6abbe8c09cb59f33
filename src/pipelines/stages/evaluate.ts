/**
 * @file One model measured on held-out prompts and judge sets, outside of a run, in
 * the figures of the run's report.
 *
 * Nothing here feeds back into training. Prompts are asked as one user message,
 * greedily and sampled; intervals are over prompts.
 */
import { derivedSeed } from "../../foundation/random.js";
import { z } from "zod";
import type { FormatDescription } from "../../data/formats/field-errors.js";
import { readRows } from "../../data/formats/rows.js";
import type {
  Completion,
  GenerateOptions,
  LanguageModel,
} from "../../generation/language-model.js";
import { judgeItems, type JudgeSettings } from "../../rewarding/judge.js";
import { encodePrompt } from "../../models/encode-rows.js";
import type {
  MeasuredAnswer,
  Measurement,
} from "../self-rewarding/evaluation-stage.js";
import {
  modelFigures,
  truthOf,
  type ModelFigures,
} from "../self-rewarding/figures.js";
import type { LoopData } from "../self-rewarding/loop-data.js";
import type { Verifier } from "../self-rewarding/verifier.js";
import type { LoadedModel } from "./loaded-model.js";
import { asConversation } from "./prompt-rows.js";

export type EvaluationSets = Pick<
  LoopData,
  "heldOut" | "judgeFixed" | "judgeTest"
>;

export interface EvaluationSettings {
  /** Of the sampled answers. */
  readonly temperature: number;
  readonly samplesPerPrompt: number;
  /** Of an answer; 512, or what the model has room for, when undefined. */
  readonly maxTokens: number | undefined;
  /** Bootstrap resamples. */
  readonly resamples: number;
  readonly seed: number;
  /** Null when the model does not judge: then it gives itself no reward either. */
  readonly judge: JudgeSettings | null;
}

const score = z
  .number("it must be a number")
  .min(0, "scores go from 0 to 5")
  .max(5, "scores go from 0 to 5");
const text = z.string("it must be text");
const prompt = text.min(1, "it must not be empty");

const heldOutRow = z.object({ prompt, family: text.default("") });
const fixedRow = z.object({ prompt, right: text, corrupted: text });
const testRow = z.object({
  prompt,
  responses: z
    .array(z.object({ response: text, score }), "it must be a list")
    .min(2, "at least two responses are needed"),
});

const HELD_OUT: FormatDescription = {
  name: "a held-out set",
  example: '{"prompt": "…"}',
};
const FIXED: FormatDescription = {
  name: "a fixed judge set",
  example: '{"prompt": "…", "right": "…", "corrupted": "…"}',
};
const TEST: FormatDescription = {
  name: "a judge test set",
  example:
    '{"prompt": "…", "responses": [{"response": "…", "score": 5}, {"response": "…", "score": 2}]}',
};

/** @throws BAD_INPUT naming file, line and field */
export async function readEvaluationSets(paths: {
  readonly heldOut: string;
  readonly judgeFixed: string | undefined;
  readonly judgeTest: string | undefined;
}): Promise<EvaluationSets> {
  const read = async <S extends z.ZodType>(
    path: string | undefined,
    schema: S,
    format: FormatDescription,
  ): Promise<z.output<S>[]> =>
    path === undefined
      ? []
      : (await readRows(path, schema, format)).map(
          ({ row }) => row as z.output<S>,
        );
  return {
    heldOut: await read(paths.heldOut, heldOutRow, HELD_OUT),
    judgeFixed: await read(paths.judgeFixed, fixedRow, FIXED),
    judgeTest: await read(paths.judgeTest, testRow, TEST),
  };
}

/** Most tokens of an answer when nothing else is asked for and the model has room. */
const DEFAULT_MAX_TOKENS = 512;

/** Measures a model and computes its figures; truth is null without a verifier. */
export async function evaluateModel(
  { languageModel, checkpoint }: LoadedModel,
  sets: EvaluationSets,
  settings: EvaluationSettings,
  how: GenerateOptions & { readonly verifier: Verifier | null },
): Promise<ModelFigures> {
  const { verifier, ...options } = how;
  const data: LoopData = { ...sets, ift: [], eft: [] };
  const { tokenizer, config } = checkpoint;
  const longest = sets.heldOut.reduce((most, row) => {
    const tokens = encodePrompt(tokenizer, asConversation(row.prompt)).length;
    return Math.max(most, tokens);
  }, 0);
  const room = Math.max(1, config.maxPositions - longest);
  const measurement = await measure(
    languageModel,
    sets,
    {
      ...settings,
      maxTokens: settings.maxTokens ?? Math.min(DEFAULT_MAX_TOKENS, room),
    },
    options,
  );
  return modelFigures({
    data,
    measurement,
    truth: truthOf(data, measurement, verifier),
    seed: settings.seed,
    resamples: settings.resamples,
  });
}

/** The raw answers and scores that figures are computed from. */
export async function measure(
  model: LanguageModel,
  sets: EvaluationSets,
  settings: EvaluationSettings & { readonly maxTokens: number },
  options: GenerateOptions,
): Promise<Measurement> {
  const { heldOut, judgeFixed, judgeTest } = sets;
  const { samplesPerPrompt, temperature, maxTokens, judge } = settings;
  const stopping =
    options.signal === undefined ? {} : { signal: options.signal };
  const ask = (
    sampling: { readonly temperature: number; readonly n: number },
    how: GenerateOptions,
  ) =>
    model.generate(
      heldOut.map((row, i) => ({
        prompt: [{ role: "user" as const, content: row.prompt }],
        ...sampling,
        topP: 1,
        topK: 0,
        maxTokens,
        stop: [],
        seed: derivedSeed(settings.seed, "evaluation", i),
      })),
      how,
    );
  const greedy = (await ask({ temperature: 0, n: 1 }, options)).map(([first]) =>
    measured(first as Completion),
  );
  const sampled =
    samplesPerPrompt === 0
      ? []
      : (await ask({ temperature, n: samplesPerPrompt }, stopping)).map(
          (samples) => samples.map(measured),
        );
  const scores = async (
    items: readonly { readonly prompt: string; readonly response: string }[],
  ): Promise<(number | null)[]> =>
    judge === null
      ? items.map(() => null)
      : (await judgeItems(model, items, judge, stopping)).map((judgement) =>
          judgement.kind === "score" ? judgement.score : null,
        );
  const selfScores = await scores(
    heldOut.map((row, i) => ({
      prompt: row.prompt,
      response: greedy[i]?.text ?? "",
    })),
  );
  const fixed = await scores(
    judgeFixed.flatMap((row) => [
      { prompt: row.prompt, response: row.right },
      { prompt: row.prompt, response: row.corrupted },
    ]),
  );
  const test = await scores(
    judgeTest.flatMap((row) =>
      row.responses.map(({ response }) => ({ prompt: row.prompt, response })),
    ),
  );
  let cursor = 0;
  return {
    greedy,
    sampled,
    selfScores,
    fixedScores: judgeFixed.map(
      (_, i) => [fixed[2 * i] ?? null, fixed[2 * i + 1] ?? null] as const,
    ),
    testScores: judgeTest.map(({ responses }) =>
      responses.map(() => test[cursor++] ?? null),
    ),
  };
}

function measured({
  text: answer,
  tokens,
  finishReason,
}: Completion): MeasuredAnswer {
  return { text: answer.trim(), tokens, finished: finishReason === "stop" };
}
