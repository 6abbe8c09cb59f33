/**
 * @file `autodidact evaluate` on held-out prompts: the figures of a run's report, of one
 * model outside of a run.
 */
import { workingDevice } from "../engine/runtime/working-device.js";
import { readEvaluationSets } from "../evaluation/evaluation-sets.js";
import type { Interval } from "../evaluation/interval.js";
import type { JudgeMetrics } from "../evaluation/judge-metrics.js";
import type { ModelFigures } from "../evaluation/model-figures.js";
import {
  VERIFIER_NAMES,
  verifierNamed,
} from "../evaluation/verifiers/verifiers.js";
import { AutodidactError } from "../foundation/error.js";
import { derivedSeed } from "../foundation/random.js";
import { withLoadedModel } from "../generation/loaded-model.js";
import { evaluateModel } from "../pipelines/stages/evaluate.js";
import { counted, fixed, percent } from "../text/number-words.js";
import type { CommandValues, OptionTable } from "./command.js";
import type { MODEL_USE } from "./common-options.js";
import { SEED } from "./common-options.js";
import type { CommandIo } from "./io.js";
import { JUDGE_OPTIONS, judgeSettingsOf } from "./judge-options.js";
import { choice, integerOption, number, textOption } from "./options.js";
import { tokensTo, withProgress } from "./stage-progress.js";

export const HELD_OUT_OPTIONS = {
  verifier: choice(VERIFIER_NAMES, "Who knows which answers are right", {
    default: "none",
  }),
  judgeFixed: textOption("FILE", "Judge set of {prompt, right, corrupted}"),
  judgeTest: textOption(
    "FILE",
    "Judge set of {prompt, responses: [{response, score}, …]}",
  ),
  sampled: integerOption(
    "N",
    "Sampled answers to each prompt besides the greedy one",
    { min: 0, default: 2 },
  ),
  temperature: number("T", "Temperature of the sampled answers", {
    min: 0,
    default: 0.7,
  }),
  ...JUDGE_OPTIONS,
  resamples: integerOption("N", "Bootstrap resamples of an interval", {
    min: 1,
    default: 2000,
  }),
  seed: SEED,
} as const satisfies OptionTable;

/** Measures `model` on the prompts in `data`. @throws BAD_INPUT naming file, line and field */
export async function evaluateHeldOut(
  values: CommandValues<
    Record<never, never>,
    typeof HELD_OUT_OPTIONS & typeof MODEL_USE
  > & {
    readonly model: string;
    readonly data: string;
    readonly maxTokens: number | undefined;
  },
  io: CommandIo,
): Promise<void> {
  const { model, judgeFixed, judgeTest, seed, weights } = values;
  const sets = await readEvaluationSets({
    heldOut: values.data,
    judgeFixed,
    judgeTest,
  });
  const judges = judgeFixed !== undefined || judgeTest !== undefined;
  const judge = judges
    ? await judgeSettingsOf(values, derivedSeed(seed, "judge", "evaluation"))
    : null;
  const verifier = verifierNamed(values.verifier);
  if (verifier !== null) {
    refuseUnreadable(
      values,
      sets.heldOut.filter((row) => verifier.familyOf(row) === null),
    );
  }
  const { signal } = io;
  const device = await workingDevice(values.device);
  const { result: figures, seconds } = await withProgress(
    io,
    {
      stage: "evaluate",
      title: `${model} answers held-out prompts`,
      total: sets.heldOut.length,
      unit: "prompts",
    },
    (onProgress) =>
      withLoadedModel(
        { model, device, weights, signal, onTokens: tokensTo(io.onEvent) },
        (loaded) =>
          evaluateModel(
            loaded,
            sets,
            { ...values, samplesPerPrompt: values.sampled, judge },
            {
              ...{ verifier, signal, onProgress },
              onFound: (answers) => {
                io.remark(
                  `Going on: ${counted(answers, "answer was", "answers were")} there.`,
                );
              },
            },
          ),
      ),
  );
  io.print(shown(sets.heldOut.length, figures, judges));
  io.printJson({ model, prompts: sets.heldOut.length, ...figures, seconds });
}

/** A prompt the verifier cannot read would silently count as wrong. */
function refuseUnreadable(
  {
    data: path,
    verifier,
  }: { readonly data: string; readonly verifier: string },
  rows: readonly { readonly prompt: string }[],
): void {
  const [first] = rows;
  if (first === undefined) return;
  throw new AutodidactError(
    "BAD_INPUT",
    `${path}: the verifier ${verifier} cannot read ${rows.length} of the prompts, the first being “${first.prompt}”. Say in each row what a right answer is (docs/verifiers.md shows the fields: "answer" for exact, "instruction_id_list" and "kwargs" for constraints), remove those rows, or evaluate without --verifier.`,
    { path, prompt: first.prompt },
  );
}

function shown(
  prompts: number,
  figures: ModelFigures,
  judges: boolean,
): string {
  const lines = [
    `${counted(prompts, "prompt")}, mean answer ${figures.responseLength?.toFixed(1) ?? "-"} tokens`,
    ...range("right, greedy", figures.accuracy, percent),
    ...range("right, sampled", figures.sampledAccuracy, percent),
    ...range("score, greedy", figures.score, fixed),
    ...range("score, sampled", figures.sampledScore, fixed),
    ...range("own reward", figures.selfReward, fixed),
    ...range("own reward − score", figures.selfGap, fixed),
  ];
  if (judges) {
    lines.push(
      ...judgeLines("judge, fixed set", figures.judgeFixed),
      ...judgeLines("judge, test set", figures.judge),
    );
  }
  return lines.join("\n");
}

const LABEL_WIDTH = 20;

function range(
  label: string,
  interval: Interval | null,
  format: (value: number) => string,
): string[] {
  if (interval === null) return [];
  const { mean, low, high } = interval;
  return [
    `${label.padEnd(LABEL_WIDTH)}${format(mean)}  [${format(low)}, ${format(high)}]`,
  ];
}

function judgeLines(label: string, metrics: JudgeMetrics): string[] {
  if (metrics.prompts === 0) return [];
  const share = (value: number | null): string =>
    value === null ? "-" : percent(value);
  const number = (value: number | null): string =>
    value === null ? "-" : fixed(value);
  return [
    `${label.padEnd(LABEL_WIDTH)}pairs ${share(metrics.pairwiseAccuracy)}, 5-best ${share(metrics.fiveBest)}, exact ${share(metrics.exactMatch)}, Spearman ${number(metrics.spearman)}, Kendall ${number(metrics.kendall)}, ${metrics.unjudged} unjudged`,
  ];
}
