/**
 * @file How a model judges, as options: shared by `judge` and `evaluate`.
 */
import { AutodidactError } from "../foundation/error.js";
import type { JudgeSettings } from "../rewarding/judge.js";
import { ADDITIVE_ANSWER, ADDITIVE_RUBRIC } from "../rewarding/rubric.js";
import { readJudgeTemplate } from "../pipelines/stages/judge.js";
import type { CommandValues, OptionTable } from "./command.js";
import { choice, integerOption, number, textOption } from "./options.js";

export const JUDGE_OPTIONS = {
  judgeTemplate: textOption(
    "FILE",
    `The judge's instruction, with the slots {prompt} and {response}, "-" for standard input; the additive five-point rubric when absent`,
  ),
  judgeAnswer: textOption(
    "TEXT",
    'Form of a judgement, with the slots {rationale} and {score}; "{rationale}\\nScore: {score}" when absent',
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

/** @throws USAGE for a form without a score; BAD_INPUT for a bad template file */
export async function judgeSettingsOf(
  values: CommandValues<Record<never, never>, typeof JUDGE_OPTIONS>,
  seed: number,
): Promise<JudgeSettings> {
  // A shell gives a line break as two characters more often than as one.
  const answer = values.judgeAnswer?.replaceAll("\\n", "\n") ?? ADDITIVE_ANSWER;
  if (!answer.includes("{score}")) {
    throw new AutodidactError(
      "USAGE",
      `--judge-answer expects a text with {score} in it, got "${answer}".`,
      { answer },
    );
  }
  return {
    template:
      values.judgeTemplate === undefined
        ? ADDITIVE_RUBRIC
        : await readJudgeTemplate(values.judgeTemplate),
    answer,
    reward: values.reward,
    samples: values.samples,
    temperature: values.judgeTemperature,
    topP: values.judgeTopP,
    maxTokens: values.judgeMaxTokens,
    seed,
  };
}
