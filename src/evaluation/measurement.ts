/**
 * @file What is measured of a model: its answers to held-out prompts, greedy and sampled,
 * and its judgements of its own answers and of fixed sets. Raw results only; every figure
 * is computed from them in `model-figures.ts`.
 */
import { z } from "zod";
import type { Prompt } from "../data/records.js";
import { derivedSeed } from "../foundation/random.js";
import type {
  Completion,
  GenerateOptions,
  LanguageModel,
} from "../generation/language-model.js";
import { scoreItems, type JudgeSettings } from "../rewarding/judge.js";
import type { EvaluationSets } from "./evaluation-sets.js";

const measuredAnswer = z.object({
  text: z.string(),
  tokens: z.number(),
  /** Whether it ended by itself. */
  finished: z.boolean(),
});

/** Null where the judge gave none. */
const score = z.number().nullable();

/** A measurement as a ledger keeps it. */
export const measurementSchema = z.object({
  /** One greedy answer for each held-out prompt. */
  greedy: z.array(measuredAnswer),
  /** [prompt][sample] */
  sampled: z.array(z.array(measuredAnswer)),
  /** The model's own score of each greedy answer. */
  selfScores: z.array(score),
  /** Its scores of [right, corrupted] for each item of the fixed set. */
  fixedScores: z.array(z.tuple([score, score])),
  /** Its scores of every response of the judge test set, [prompt][response]. */
  testScores: z.array(z.array(score)),
});

export type MeasuredAnswer = Readonly<z.output<typeof measuredAnswer>>;
export type Measurement = Readonly<z.output<typeof measurementSchema>>;

export interface MeasurementSettings {
  /** Of the sampled answers; the others are greedy. */
  readonly temperature: number;
  readonly samplesPerPrompt: number;
  /** Of an answer. */
  readonly maxTokens: number;
  readonly seed: number;
  /** Null when the model does not judge: then every score is null. */
  readonly judge: JudgeSettings | null;
  /** How a held-out prompt is put to the model; as a user's message when absent. */
  readonly ask?: (prompt: string) => Prompt;
}

/** Measures a model; progress is told of the greedy answers. */
export async function measure(
  model: LanguageModel,
  { heldOut, judgeFixed, judgeTest }: EvaluationSets,
  settings: MeasurementSettings,
  options: GenerateOptions,
): Promise<Measurement> {
  const { samplesPerPrompt, temperature, maxTokens, judge } = settings;
  const quiet = options.signal === undefined ? {} : { signal: options.signal };
  const answers = async (
    sampling: { readonly temperature: number; readonly n: number },
    how: GenerateOptions,
  ): Promise<MeasuredAnswer[][]> => {
    const requests = heldOut.map(({ prompt }, i) => ({
      prompt: settings.ask?.(prompt) ?? [
        { role: "user" as const, content: prompt },
      ],
      ...sampling,
      topP: 1,
      topK: 0,
      maxTokens,
      stop: [],
      seed: derivedSeed(settings.seed, "evaluation", i),
    }));
    const completions = await model.generate(requests, how);
    return completions.map((samples) => samples.map(measured));
  };
  const scores = async (
    items: readonly { readonly prompt: string; readonly response: string }[],
  ): Promise<(number | null)[]> =>
    judge === null
      ? items.map(() => null)
      : scoreItems(model, items, judge, quiet);
  const greedy = (await answers({ temperature: 0, n: 1 }, options)).flat();
  const sampled =
    samplesPerPrompt === 0
      ? []
      : await answers({ temperature, n: samplesPerPrompt }, quiet);
  const selfScores = await scores(
    heldOut.map(({ prompt }, i) => ({
      prompt,
      response: greedy[i]?.text ?? "",
    })),
  );
  const fixed = await scores(
    judgeFixed.flatMap(({ prompt, right, corrupted }) => [
      { prompt, response: right },
      { prompt, response: corrupted },
    ]),
  );
  const test = await scores(
    judgeTest.flatMap(({ prompt, responses }) =>
      responses.map(({ response }) => ({ prompt, response })),
    ),
  );
  let cursor = 0;
  return {
    greedy,
    sampled,
    selfScores,
    fixedScores: judgeFixed.map((_, i) => [
      fixed[2 * i] ?? null,
      fixed[2 * i + 1] ?? null,
    ]),
    testScores: judgeTest.map(({ responses }) =>
      responses.map(() => test[cursor++] ?? null),
    ),
  };
}

function measured({ text, tokens, finishReason }: Completion): MeasuredAnswer {
  return { text: text.trim(), tokens, finished: finishReason === "stop" };
}
