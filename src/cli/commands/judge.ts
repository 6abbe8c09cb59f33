/**
 * @file `autodidact judge`: a model scores responses.
 */
import { counted } from "../../text/number-words.js";
import {
  readResponseRows,
  type JudgedRow,
} from "../../pipelines/stages/prompt-rows.js";
import {
  defineCommand,
  misused,
  refuseOthers,
  type OptionTable,
} from "../command.js";
import { DEVICE, WEIGHTS, SEED } from "../common-options.js";
import { scoring } from "../../pipelines/stages/judge.js";
import { compareAnswers } from "../answer-comparison.js";
import { calibrateJudge } from "../judge-calibration.js";
import { JUDGE_OPTIONS, judgeSettingsOf } from "../judge-options.js";
import { JUDGE_SOURCE_OPTIONS, askedJudge } from "../judge-source.js";
import { makeRows } from "../row-stage.js";
import { choice, integerOption, textOption } from "../options.js";
import { SPENDING_OPTIONS } from "../spending-options.js";
import { judgeByVerifier } from "../verifier-judging.js";

const OPTIONS = {
  ...JUDGE_SOURCE_OPTIONS,
  verifier: choice(
    ["constraints", "exact", "nursery"],
    "Instead of a model: score by what the row says of a right answer, as evaluate --verifier does",
  ),
  data: textOption(
    "FILE",
    'JSON Lines of {prompt, response}, or a model\'s answers to AlpacaEval, MT-Bench or Arena-Hard, each turn judged by itself; "-" is standard input',
  ),
  against: textOption(
    "FILE",
    "With --data: another model's answers to the same prompts; says which are better, in both orders, as AlpacaEval's annotations (one array where --out ends in .json)",
  ),
  questions: textOption(
    "FILE",
    "With --data: the benchmark's questions, which MT-Bench's answers do not hold",
  ),
  calibrate: textOption(
    "FILE",
    "Instead of --data: answers of which is known which are better; says how far the judge may be trusted",
  ),
  limit: integerOption(
    "N",
    "With --calibrate: so many prompts, evenly over the file",
    { min: 1 },
  ),
  own: textOption(
    "NAME",
    "With --calibrate: the judge's own name among those that wrote the answers",
  ),
  out: textOption(
    "FILE",
    'Where the rows go; "-" is standard output; may be left out with --calibrate',
  ),
  ...JUDGE_OPTIONS,
  seed: SEED,
  weights: WEIGHTS,
  device: DEVICE,
} as const satisfies OptionTable;

type OptionName = keyof typeof OPTIONS;

const NAME = "judge";
const DATA: readonly OptionName[] = ["data", "against", "questions", "out"];
const CALIBRATION: readonly OptionName[] = ["calibrate", "limit", "own", "out"];
const WORDS = [
  ...(Object.keys(JUDGE_OPTIONS) as OptionName[]),
  ...(["model", "seed"] as const),
];
/** What else goes with who judges, and why nothing more does. */
const JUDGES = {
  rewardModel: [["device"], "does not go with --reward-model"],
  endpoint: [
    [
      ...WORDS,
      "apiKeyVariable",
      ...(Object.keys(SPENDING_OPTIONS) as OptionName[]),
    ],
    "does not go with --endpoint",
  ],
  model: [[...WORDS, "weights", "device"], "goes with --endpoint only"],
} as const satisfies Partial<
  Record<OptionName, readonly [readonly OptionName[], string]>
>;

export const judgeCommand = defineCommand({
  name: NAME,
  summary:
    "Let a model score responses from 0 to 5, or compare two models' answers",
  description:
    "Each row {prompt, response} gains score, variance, kind (score, abstention or malformed) and judgements, one {kind, score, raw, constrained} a sample, where raw is exactly what the judge wrote. A sampled judgement without a readable score is tried a second time: the score is weighed after its words, and it is marked constrained. Only a score has a number: an abstention or a malformed judgement has null, never a low score. The judge's words are read, never the response's. What is done is kept, and the same command goes on with it; what an endpoint answered meanwhile lies in FILE.answers until the rows are complete, and what it refuses for good is malformed. --calibrate tries the judge on pairs whose better answer is known: files of RewardBench (1 and 2), JudgeBench, AlpacaEval's annotations, {prompt, chosen, rejected}, or our judge sets. Each answer is judged alone, the higher score wins, ties count half. With --against the judge sees two answers to each prompt, once in either order, and the row is one of AlpacaEval's annotations: preference goes from 1, the answer of --against is better, to 2, that of --data, is the mean of both orders, and null where one has no verdict; evaluate --suite alpaca-eval --preferences reads it. A reward model gives a number r of any size: the score is 5/(1+e^-r), which keeps the order, and r itself is the raw text of its judgement; of two answers it prefers the second by 1/(1+e^(r1-r2)).",
  options: OPTIONS,
  examples: {
    "autodidact judge --model my-chat-model --data answers.jsonl --out judged.jsonl --reward samples":
      "Scores each answer by the mean of three judgements",
    "autodidact judge --verifier constraints --data answers.jsonl --out judged.jsonl":
      "Scores each answer by the share of its constraints that it follows",
    'autodidact judge --model runs/a/models/M1 --data answers.jsonl --out judged.jsonl --judge-template rate.txt --judge-answer "score : {score}"':
      "Judges with an instruction of your own",
    "autodidact judge --model my-chat-model --calibrate pairs.jsonl --limit 100":
      "Says after a first look whether a loop may trust this judge",
    "autodidact judge --endpoint http://127.0.0.1:8000/v1 --model my-model --calibrate pairs.jsonl --out judged.jsonl":
      "The same of a served model; what it answered is kept in judged.jsonl",
    "autodidact judge --endpoint https://api.example.com/v1 --model my-model --data answers.jsonl --out judged.jsonl --max-cost 2.50":
      "Stops before more than $2.50 are spent; the same command with more goes on",
    "autodidact judge --endpoint https://api.example.com/v1 --model my-judge --reward samples --samples 1 --data model_outputs.json --against reference_outputs.json --out annotations.json":
      "Asks which of two models' answers is better, in both orders",
    "autodidact judge --reward-model reward-model --data answers.jsonl --out judged.jsonl":
      "Scores each answer by a trained reward model",
  },
  run: async (values, io, given) => {
    const { verifier, data, against, out, calibrate } = values;
    const refuse = (fits: readonly OptionName[], problem: string): void => {
      refuseOthers({ name: NAME, options: OPTIONS }, given, fits, problem);
    };
    if (verifier !== undefined) {
      refuse(["verifier", "data", "out"], "does not go with --verifier");
      if (data === undefined || out === undefined)
        throw misused(
          NAME,
          "--verifier needs --data FILE and --out FILE",
          data === undefined ? "--data" : "--out",
        );
      await judgeByVerifier({ verifier, data, out }, io);
      return;
    }
    const who = (["rewardModel", "endpoint", "model"] as const).find((key) =>
      given.has(key),
    );
    if (who !== undefined) {
      const [fits, problem] = JUDGES[who];
      refuse([who, ...fits, ...DATA, ...CALIBRATION], problem);
    }
    const judge = askedJudge(values, io);
    const others = Object.keys(OPTIONS) as OptionName[];
    if (calibrate !== undefined) {
      refuse(
        others.filter((key) => key === "out" || !DATA.includes(key)),
        "does not go with --calibrate, which names what to judge",
      );
      await calibrateJudge(
        { ...values, calibrate, judge },
        await judgeSettingsOf(values, values.seed),
        io,
      );
      return;
    }
    refuse(
      others.filter((key) => key === "out" || !CALIBRATION.includes(key)),
      "goes with --calibrate only",
    );
    if (data === undefined || out === undefined)
      throw misused(
        NAME,
        "judge needs --data FILE and --out FILE, or --calibrate FILE",
        data === undefined ? "--data" : "--out",
      );
    if (against !== undefined) {
      await compareAnswers(
        { ...values, judge, data, against, out },
        await judgeSettingsOf(values, values.seed, "preference"),
        io,
      );
      return;
    }
    const placed = await readResponseRows(data, values.questions);
    const settings = await judgeSettingsOf(values, values.seed);
    const { rows, seconds, summarize } = await makeRows(io, {
      stage: "judge",
      title: `${judge.name} judges`,
      items: placed.length,
      unit: "responses",
      ...{ out, device: values.device },
      inputs: [
        ...[data, values.questions, values.judgeTemplate],
        ...[values.model, values.rewardModel],
      ],
      open: judge.open(scoring(placed, settings)),
    });
    const [scored, abstentions, malformed] = (
      ["score", "abstention", "malformed"] as const
    ).map((kind) => rows.filter((row) => row.kind === kind));
    const constrained = rows
      .flatMap(({ judgements }) => judgements)
      .filter((sample) => sample.constrained).length;
    const meanScore = meanOf(scored ?? []);
    summarize(
      `${counted(rows.length, "response")}: ${scored?.length} scored (mean ${meanScore?.toFixed(2) ?? "-"}), ${counted(abstentions?.length ?? 0, "abstention")}, ${malformed?.length} malformed${constrained > 0 ? `, ${counted(constrained, "judgement")} read on a second try` : ""}: ${out}`,
    );
    io.printJson({
      model: judge.name,
      rows: rows.length,
      scored: scored?.length,
      abstentions: abstentions?.length,
      malformed: malformed?.length,
      constrained,
      meanScore,
      seconds,
      out,
    });
  },
});

function meanOf(rows: readonly JudgedRow[]): number | null {
  const sum = rows.reduce((total, { score }) => total + (score ?? 0), 0);
  return rows.length === 0 ? null : sum / rows.length;
}
