/**
 * @file How a model judges, as options: shared by `judge` and `evaluate`.
 */
import { AutodidactError } from "../foundation/error.js";
import type { JudgeSettings } from "../rewarding/judge.js";
import {
  ADDITIVE_ANSWER,
  ADDITIVE_RUBRIC,
  COMPARISON_ANSWER,
  COMPARISON_RUBRIC,
} from "../rewarding/rubric.js";
import { VERDICT_SCALES, type ScaleName } from "../rewarding/scales.js";
import { readJudgeTemplate } from "../pipelines/stages/judge.js";
import type { CommandValues, OptionTable } from "./command.js";
import { choice, integerOption, number, textOption } from "./options.js";

export const JUDGE_OPTIONS = {
  judgeTemplate: textOption(
    "FILE",
    `The judge's instruction, with the slots {prompt} and {response}, or {prompt}, {first} and {second} for two answers; "-" is standard input; a rubric of ours when absent`,
  ),
  judgeAnswer: textOption(
    "TEXT",
    'Form of a judgement, with the slots {rationale} and {score}, or {choice} for two answers; "{rationale}\\nScore: {score}" or "{rationale}\\nBetter: {choice}" when absent',
  ),
  reward: choice(
    ["expected", "samples"],
    "Expected score under the model's own probabilities, or the mean of sampled judgements",
    { default: "expected" },
  ),
  samples: integerOption(
    "K",
    "Judgements of each response, with --reward samples",
    {
      min: 1,
      default: 3,
    },
  ),
  judgeTemperature: number("T", "Temperature of sampled judgements", {
    min: 0,
    default: 0.7,
  }),
  judgeTopP: number("P", "Nucleus of sampled judgements; 1 switches it off", {
    min: 0,
    max: 1,
    default: 0.9,
  }),
  judgeMaxTokens: integerOption("N", "Most tokens of a judgement", {
    min: 1,
    default: 256,
  }),
} as const satisfies OptionTable;

/** What a judge is told where no option says otherwise, and what it must be shown. */
const USUAL = {
  points: {
    template: ADDITIVE_RUBRIC,
    answer: ADDITIVE_ANSWER,
    shown: ["{prompt}", "{response}"],
  },
  preference: {
    template: COMPARISON_RUBRIC,
    answer: COMPARISON_ANSWER,
    shown: ["{prompt}", "{first}", "{second}"],
  },
} as const satisfies Readonly<Record<ScaleName, object>>;

/** @throws USAGE for a form without a verdict; BAD_INPUT for a bad template file */
export async function judgeSettingsOf(
  values: CommandValues<Record<never, never>, typeof JUDGE_OPTIONS>,
  seed: number,
  scale: ScaleName = "points",
): Promise<JudgeSettings> {
  const usual = USUAL[scale];
  // A shell gives a line break as two characters more often than as one.
  const answer = values.judgeAnswer?.replaceAll("\\n", "\n") ?? usual.answer;
  const { slot } = VERDICT_SCALES[scale];
  if (!answer.includes(slot)) {
    throw new AutodidactError(
      "USAGE",
      `--judge-answer expects a text with ${slot} in it, got "${answer}".`,
      { answer },
    );
  }
  return {
    template:
      values.judgeTemplate === undefined
        ? usual.template
        : await readJudgeTemplate(values.judgeTemplate, usual.shown),
    answer,
    ...(scale === "points" ? {} : { scale }),
    reward: values.reward,
    samples: values.samples,
    temperature: values.judgeTemperature,
    topP: values.judgeTopP,
    maxTokens: values.judgeMaxTokens,
    seed,
  };
}
