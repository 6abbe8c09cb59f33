/**
 * @file A language model as judge of candidates, or of two answers to one prompt.
 *
 * Two ways to a reward: `samples` draws k judgements and averages them (the paper's
 * way), `expected` weighs the scores by the model's own probabilities (ranks better on
 * small models, needs an engine that tells them). A judge returns scores, never text
 * of the candidate.
 */
import { AutodidactError } from "../foundation/error.js";
import type { Prompt } from "../data/records.js";
import type {
  GenerateOptions,
  LanguageModel,
} from "../generation/language-model.js";
import {
  averageJudgements,
  expectedJudgement,
  type Judgement,
  type Reward,
} from "./judgement.js";
import { fillSlots } from "./rubric.js";
import { VERDICT_SCALES, type VerdictScale, type ScaleName } from "./scales.js";
import { withoutMarks } from "../text/model-marks.js";

export interface JudgeSettings {
  /** With slots `{prompt}` and `{response}`, or for two answers `{first}` and `{second}`. */
  readonly template: string;
  /** Form of the judge's answer; what stands before the scale's slot leads up to it. */
  readonly answer: string;
  /** What the judge says; points when absent. */
  readonly scale?: ScaleName;
  readonly reward: "expected" | "samples";
  /** Judgements a candidate, for `samples`. */
  readonly samples: number;
  readonly temperature: number;
  readonly topP: number;
  readonly maxTokens: number;
  readonly seed: number;
  /** Weighs the score of a sample that could not be read, after what it wrote, where the model tells probabilities. */
  readonly secondTry?: boolean | undefined;
  /** How the filled template is put to the model; as a user's message when absent. */
  readonly ask?: (content: string) => Prompt;
}

export interface JudgeItem {
  readonly prompt: string;
  readonly response: string;
}

/** Two answers to one prompt, in the order in which the judge sees them. */
export interface AnswerPair {
  readonly prompt: string;
  readonly first: string;
  readonly second: string;
}

type Judged = JudgeItem | AnswerPair;

/** What a judge's samples of an item amount to, with the samples. */
export type JudgedItem = Reward & { readonly samples: readonly Judgement[] };

/**
 * The reward of each item, in order.
 * @throws USAGE for an expected score from a model that tells no probabilities
 */
export async function judgeItems(
  model: LanguageModel,
  items: readonly Judged[],
  settings: JudgeSettings,
  options: GenerateOptions = {},
): Promise<JudgedItem[]> {
  const judge = settings.reward === "samples" ? sampled : expected;
  const judged = await judge(model, items, settings, options);
  return judged.map(judgedItem);
}

/** What the samples of an item amount to, with them. */
export function judgedItem(samples: readonly Judgement[]): JudgedItem {
  return { ...averageJudgements(samples), samples };
}

/** The score of each item, in order; null where the judge gave none. */
export async function scoreItems(
  ...judging: Parameters<typeof judgeItems>
): Promise<(number | null)[]> {
  const judgements = await judgeItems(...judging);
  return judgements.map((judgement) =>
    judgement.kind === "score" ? judgement.score : null,
  );
}

/** The form of a judgement up to its verdict, and the scale of that. */
export function formOf({
  answer,
  scale = "points",
}: Pick<JudgeSettings, "answer" | "scale">): {
  /** Whether something else is written first, reasons for instance. */
  readonly reasoned: boolean;
  /** The words just before the verdict, "\nScore: " for instance. */
  readonly introduction: string;
  readonly scale: VerdictScale;
} {
  const slot = answer.indexOf(VERDICT_SCALES[scale].slot);
  const lead = answer.slice(0, Math.max(0, slot));
  return {
    reasoned: lead.includes("{"),
    introduction: lead.slice(lead.lastIndexOf("}") + 1),
    scale: VERDICT_SCALES[scale],
  };
}

/** [item][sample] */
async function sampled(
  model: LanguageModel,
  items: readonly Judged[],
  settings: JudgeSettings,
  options: GenerateOptions,
): Promise<Judgement[][]> {
  const completions = await model.generate(
    items.map((item) => ({
      prompt: judgePrompt(item, settings),
      n: settings.samples,
      temperature: settings.temperature,
      topP: settings.topP,
      topK: 0,
      maxTokens: settings.maxTokens,
      stop: [],
      seed: settings.seed,
    })),
    options,
  );
  const { scale } = formOf(settings);
  const judged = completions.map((samples) =>
    samples.map(({ text, finishReason }) =>
      scale.read(text, finishReason === "stop"),
    ),
  );
  return settings.secondTry === true
    ? readAgain(model, { items, judged, settings, options })
    : judged;
}

/** Puts the form's words for a score after each sample that could not be read, and weighs the score. */
async function readAgain(
  model: LanguageModel,
  step: {
    readonly items: readonly Judged[];
    readonly judged: readonly (readonly Judgement[])[];
    readonly settings: JudgeSettings;
    readonly options: GenerateOptions;
  },
): Promise<Judgement[][]> {
  const { items, judged, settings, options } = step;
  const unread = items.flatMap((item, i) =>
    (judged[i] ?? [])
      .filter(({ kind }) => kind === "malformed")
      .map((sample) => ({ item, raw: sample.raw, sample })),
  );
  const fits = await Promise.all(
    unread.map(({ item, raw }) => hasRoom(model, settings, { item, raw })),
  );
  const tried = unread.filter((_, i) => fits[i]);
  if (tried.length === 0) return judged.map((samples) => [...samples]);
  const weighed = await weigh(model, tried, settings, quietly(options));
  const again = new Map(
    tried.map(({ sample }, i) => [sample, weighed[i] ?? sample]),
  );
  return judged.map((samples) =>
    samples.map((sample) => {
      const second = again.get(sample);
      return second?.kind === "score"
        ? { ...second, constrained: true }
        : sample;
    }),
  );
}

/** Whether a score still fits into the model's context after what the judge wrote. */
async function hasRoom(
  { context }: LanguageModel,
  settings: JudgeSettings,
  { item, raw }: { readonly item: Judged; readonly raw: string },
): Promise<boolean> {
  if (context === undefined) return true;
  const written = `${raw}${formOf(settings).introduction}`;
  const [asked, answered] = await Promise.all(
    [judgePrompt(item, settings), written].map((text) =>
      context.promptTokens(text),
    ),
  );
  return (asked ?? 0) + (answered ?? 0) < context.length;
}

/** One sample an item: its reasons, where the form has some, written greedily; then the score is weighed. */
async function expected(
  model: LanguageModel,
  items: readonly Judged[],
  settings: JudgeSettings,
  options: GenerateOptions,
): Promise<Judgement[][]> {
  if (model.optionLogprobs === undefined) {
    throw new AutodidactError(
      "USAGE",
      "This model does not tell token probabilities, so the expected score cannot be computed. Sample the judgements instead.",
    );
  }
  const { reasoned, introduction } = formOf(settings);
  const completions = reasoned
    ? await model.generate(
        items.map((item) => ({
          prompt: judgePrompt(item, settings),
          n: 1,
          temperature: 0,
          topP: 1,
          topK: 0,
          maxTokens: settings.maxTokens,
          stop: [introduction.trim()],
          seed: settings.seed,
        })),
        quietly(options),
      )
    : [];
  const judgements = await weigh(
    model,
    items.map((item, i) => ({ item, raw: completions[i]?.[0]?.text ?? "" })),
    settings,
    options,
  );
  return judgements.map((judgement) => [judgement]);
}

/** Weighs the scores that may follow what the judge wrote. */
async function weigh(
  model: LanguageModel,
  written: readonly { readonly item: Judged; readonly raw: string }[],
  settings: JudgeSettings,
  options: GenerateOptions,
): Promise<Judgement[]> {
  const { reasoned, introduction, scale } = formOf(settings);
  const begun = written.map(({ item, raw }) => ({
    item,
    raw,
    words: reasoned ? raw.trim() : "",
  }));
  const logprobs = await model.optionLogprobs?.(
    begun.map(({ item, words }) => ({
      prompt: judgePrompt(item, settings),
      prefix: `${words}${introduction}`,
      options: scale.texts,
    })),
    options,
  );
  return begun.map(({ raw, words }, i) => {
    const { reasoning, text } = withoutMarks(words);
    // Words that introduce a score within a thought lead up to no verdict.
    return reasoning !== "" && text === ""
      ? { kind: "malformed", raw }
      : expectedJudgement(
          logprobs?.[i] ?? [],
          { raw, rationale: reasoned ? text.trim() : null },
          scale.values,
        );
  });
}

/** Progress is told of one of the two times that the model is asked. */
function quietly({ signal }: GenerateOptions): GenerateOptions {
  return signal === undefined ? {} : { signal };
}

function judgePrompt(item: Judged, settings: JudgeSettings): Prompt {
  const content = fillSlots(settings.template, { ...item });
  return settings.ask?.(content) ?? [{ role: "user", content }];
}
