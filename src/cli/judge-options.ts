/**
 * @file How a model judges, as options: shared by `judge` and `evaluate`.
 */
import { AutodidactError } from "../foundation/error.js";
import type { JudgeSettings } from "../rewarding/judge.js";
import { ADDITIVE_ANSWER, ADDITIVE_RUBRIC } from "../rewarding/rubric.js";
import { readJudgeTemplate } from "../pipelines/stages/judge.js";
import type { CommandValues, OptionTable } from "./command.js";

export const JUDGE_OPTIONS = {
  judgeTemplate: {
    kind: "text",
    placeholder: "FILE",
    description:
      "The judge's instruction, with the slots {prompt} and {response}; the additive five-point rubric when absent",
  },
  judgeAnswer: {
    kind: "text",
    placeholder: "TEXT",
    description:
      'Form of a judgement, with the slots {rationale} and {score}; "{rationale}\\nScore: {score}" when absent',
  },
  reward: {
    kind: "choice",
    choices: ["expected", "samples"],
    default: "expected",
    description:
      "Expected score under the model's own probabilities, or the mean of sampled judgements",
  },
  samples: {
    kind: "number",
    integer: true,
    min: 1,
    placeholder: "K",
    description: "Judgements of each response, with --reward samples",
    default: 3,
  },
  judgeTemperature: {
    kind: "number",
    min: 0,
    placeholder: "T",
    description: "Temperature of sampled judgements",
    default: 0.7,
  },
  judgeTopP: {
    kind: "number",
    min: 0,
    max: 1,
    placeholder: "P",
    description: "Nucleus of sampled judgements; 1 switches it off",
    default: 0.9,
  },
  judgeMaxTokens: {
    kind: "number",
    integer: true,
    min: 1,
    placeholder: "N",
    description: "Most tokens of a judgement",
    default: 256,
  },
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
