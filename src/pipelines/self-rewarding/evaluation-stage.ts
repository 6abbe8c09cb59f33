/**
 * @file What is measured of every model: its answers to held-out prompts, greedy and
 * sampled, and its judgements of fixed sets. Nothing here feeds back into training,
 * but the judge's fixed-set accuracy decides the gate and the stop rule.
 */
import { counted } from "../../text/number-words.js";
import { crashPoint } from "../../foundation/crash-point.js";
import { derivedSeed } from "../../foundation/random.js";
import type {
  Completion,
  LanguageModel,
} from "../../generation/language-model.js";
import { judgeItems } from "../../rewarding/judge.js";
import { allAccepted, runStage } from "../run/run-stage.js";
import { judgeSettings } from "./reward.js";
import type { TrainedModel, RunContext } from "./run-context.js";

export interface MeasuredAnswer {
  readonly text: string;
  readonly tokens: number;
  readonly finished: boolean;
}

/** Raw results; every figure of the report is computed from these. */
export interface Measurement {
  /** One greedy answer for each held-out prompt. */
  readonly greedy: readonly MeasuredAnswer[];
  /** [prompt][sample] */
  readonly sampled: readonly (readonly MeasuredAnswer[])[];
  /** The model's own score of each greedy answer. */
  readonly selfScores: readonly (number | null)[];
  /** Its scores of [right, corrupted] for each item of the fixed set. */
  readonly fixedScores: readonly (readonly [number | null, number | null])[];
  /** Its scores of every response of the judge test set, [prompt][response]. */
  readonly testScores: readonly (readonly (number | null)[])[];
}

/** Measures one model. */
export async function evaluationStage(
  context: RunContext,
  model: TrainedModel,
): Promise<Measurement> {
  const { recipe } = context;
  const { stage } = await runStage(context, {
    name: `${model.id}/evaluation`,
    title: `${model.id} is measured on ${counted(context.data.heldOut.length, "held-out prompt")}`,
    inputs: {
      model: model.weightHash,
      settings: recipe.evaluation,
      judge: recipe.judge,
    },
    work: async (opened) => {
      const result = await context.host.withModel(model.path, (loaded) =>
        measure(context, loaded),
      );
      opened.insert("evaluations", [
        {
          key: "measurement",
          modelId: model.rowId,
          name: "measurement",
          result,
        },
      ]);
      crashPoint("evaluation-written");
      return { counts: allAccepted(context.data.heldOut.length), output: null };
    },
  });
  return stage.find("evaluations", "measurement")
    ?.result as unknown as Measurement;
}

async function measure(
  context: RunContext,
  model: LanguageModel,
): Promise<Measurement> {
  const { recipe, data, signal } = context;
  const { temperature, samplesPerPrompt, maxTokens } = recipe.evaluation;
  const ask = (settings: {
    readonly temperature: number;
    readonly n: number;
  }) =>
    model.generate(
      data.heldOut.map(({ prompt }, i) => ({
        prompt: context.form.ask(prompt),
        ...settings,
        topP: 1,
        topK: 0,
        maxTokens,
        stop: [],
        seed: derivedSeed(recipe.seed, "evaluation", i),
      })),
      { signal },
    );
  const greedy = (await ask({ temperature: 0, n: 1 })).map((samples) =>
    answer(samples[0] as Completion),
  );
  const sampled =
    samplesPerPrompt === 0
      ? []
      : (await ask({ temperature, n: samplesPerPrompt })).map((samples) =>
          samples.map(answer),
        );
  const score = async (
    items: readonly { prompt: string; response: string }[],
  ) =>
    (
      await judgeItems(model, items, judgeSettings(context, "evaluation"), {
        signal,
      })
    ).map((judgement) => (judgement.kind === "score" ? judgement.score : null));
  const selfScores = await score(
    data.heldOut.map(({ prompt }, i) => ({
      prompt,
      response: greedy[i]?.text ?? "",
    })),
  );
  const fixed = await score(
    data.judgeFixed.flatMap(({ prompt, right, corrupted }) => [
      { prompt, response: right },
      { prompt, response: corrupted },
    ]),
  );
  const test = await score(
    data.judgeTest.flatMap(({ prompt, responses }) =>
      responses.map(({ response }) => ({ prompt, response })),
    ),
  );
  let cursor = 0;
  return {
    greedy,
    sampled,
    selfScores,
    fixedScores: data.judgeFixed.map(
      (_, i) => [fixed[2 * i] ?? null, fixed[2 * i + 1] ?? null] as const,
    ),
    testScores: data.judgeTest.map(({ responses }) =>
      responses.map(() => test[cursor++] ?? null),
    ),
  };
}

function answer({ text, tokens, finishReason }: Completion): MeasuredAnswer {
  return { text: text.trim(), tokens, finished: finishReason === "stop" };
}
