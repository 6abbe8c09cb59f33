/**
 * @file A language model as judge of candidates.
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
  parseJudgement,
  TOP_SCORE,
  type Judgement,
} from "./judgement.js";
import { fillSlots } from "./rubric.js";
import { withoutMarks } from "../text/model-marks.js";

export interface JudgeSettings {
  /** With slots `{prompt}` and `{response}`. */
  readonly template: string;
  /** Form of the judge's answer; what stands before `{score}` leads up to it. */
  readonly answer: string;
  readonly reward: "expected" | "samples";
  /** Judgements a candidate, for `samples`. */
  readonly samples: number;
  readonly temperature: number;
  readonly topP: number;
  readonly maxTokens: number;
  readonly seed: number;
  /** How the filled template is put to the model; as a user's message when absent. */
  readonly ask?: (content: string) => Prompt;
}

/** What an expected score is the mean of: "0", "1", … "5". */
export const SCORE_TEXTS: readonly string[] = Array.from(
  { length: TOP_SCORE + 1 },
  (_, score) => String(score),
);

export interface JudgeItem {
  readonly prompt: string;
  readonly response: string;
}

/** One judgement for each item, in order. */
export async function judgeItems(
  model: LanguageModel,
  items: readonly JudgeItem[],
  settings: JudgeSettings,
  options: GenerateOptions = {},
): Promise<Judgement[]> {
  if (settings.reward === "samples")
    return sampleJudgements(model, items, settings, options);
  const lead = leadIn(settings.answer);
  return lead.includes("{")
    ? reasonedExpectations(model, items, settings, options)
    : expectations(model, items, { lead, settings, options });
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

/** Text of the judge's answer before the score. */
export function leadIn(answer: string): string {
  return answer.slice(0, Math.max(0, answer.indexOf("{score}")));
}

async function sampleJudgements(
  model: LanguageModel,
  items: readonly JudgeItem[],
  settings: JudgeSettings,
  options: GenerateOptions,
): Promise<Judgement[]> {
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
  return completions.map((samples) =>
    averageJudgements(
      samples.map(({ text, finishReason }) =>
        parseJudgement(text, finishReason === "stop"),
      ),
    ),
  );
}

async function expectations(
  model: LanguageModel,
  items: readonly JudgeItem[],
  step: {
    readonly lead: string;
    readonly settings: JudgeSettings;
    readonly options: GenerateOptions;
  },
): Promise<Judgement[]> {
  const { lead, settings, options } = step;
  const logprobs = await optionLogprobs(
    model,
    items.map((item) => ({ item, prefix: lead })),
    settings,
    options,
  );
  return logprobs.map((row) =>
    expectedJudgement(row, { raw: lead, rationale: null }),
  );
}

/** The judge first writes its rationale, greedily, up to the score; then the score is weighed. */
async function reasonedExpectations(
  model: LanguageModel,
  items: readonly JudgeItem[],
  settings: JudgeSettings,
  options: GenerateOptions,
): Promise<Judgement[]> {
  const lead = leadIn(settings.answer);
  // What follows the last slot before {score} introduces the score, "\nScore: " for instance.
  const introduction = lead.slice(lead.lastIndexOf("}") + 1);
  const completions = await model.generate(
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
    { ...(options.signal === undefined ? {} : { signal: options.signal }) },
  );
  const rationales = completions.map((samples) =>
    (samples[0]?.text ?? "").trim(),
  );
  const logprobs = await optionLogprobs(
    model,
    items.map((item, i) => ({
      item,
      prefix: `${rationales[i] ?? ""}${introduction}`,
    })),
    settings,
    options,
  );
  return logprobs.map((row, i) => {
    const written = rationales[i] ?? "";
    const raw = `${written}${introduction}`;
    const { reasoning, text: rationale } = withoutMarks(written);
    // Words that introduce a score within a thought lead up to no verdict.
    return reasoning !== "" && rationale === ""
      ? { kind: "malformed", raw }
      : expectedJudgement(row, { raw, rationale: rationale.trim() });
  });
}

async function optionLogprobs(
  model: LanguageModel,
  rows: readonly { readonly item: JudgeItem; readonly prefix: string }[],
  settings: JudgeSettings,
  options: GenerateOptions,
): Promise<readonly (readonly number[])[]> {
  if (model.optionLogprobs === undefined) {
    throw new AutodidactError(
      "USAGE",
      "This model does not tell token probabilities, so the expected score cannot be computed. Set judge.reward to samples in the recipe.",
    );
  }
  return model.optionLogprobs(
    rows.map(({ item, prefix }) => ({
      prompt: judgePrompt(item, settings),
      prefix,
      options: SCORE_TEXTS,
    })),
    options,
  );
}

function judgePrompt(item: JudgeItem, settings: JudgeSettings): Prompt {
  const content = fillSlots(settings.template, { ...item });
  return settings.ask?.(content) ?? [{ role: "user", content }];
}
