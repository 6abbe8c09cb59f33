/**
 * @file `autodidact evaluate`: one model measured on held-out prompts and judge sets, or
 * answers graded by a published suite.
 */
import {
  BENCHMARK_NAMES,
  type BenchmarkName,
} from "../../evaluation/benchmarks/benchmarks.js";
import { SUITE_NAMES } from "../../evaluation/suites/suites.js";
import { AutodidactError } from "../../foundation/error.js";
import {
  defineCommand,
  flagOf,
  misused,
  refuseOthers,
  type OptionTable,
} from "../command.js";
import { MODEL, MODEL_USE } from "../common-options.js";
import { answerQuestions } from "../benchmark-answers.js";
import { evaluateHeldOut, HELD_OUT_OPTIONS } from "../held-out-evaluation.js";
import { choice, integerOption, list, textOption } from "../options.js";
import { evaluatePreferences } from "../preference-suite.js";
import { gradeModel, gradeResponses } from "../suite-evaluation.js";

const OPTIONS = {
  model: textOption(MODEL.placeholder, MODEL.description),
  data: textOption(
    "FILE",
    'JSON Lines of held-out {prompt}, or the suite\'s own file; "-" is standard input',
  ),
  suite: choice(
    [...SUITE_NAMES, ...BENCHMARK_NAMES],
    "Grade by a published suite, in its own files and under its own names",
  ),
  responses: textOption(
    "FILE",
    "With --suite: the answers, JSON Lines of {key or prompt, response}; without it --model is asked",
  ),
  preferences: list(
    "FILE",
    "With --suite alpaca-eval: {model, prompt, length_1, length_2, preference}, 1 for the reference … 2 for the model, or AlpacaEval's annotations.json; may be given several times",
  ),
  out: textOption(
    "FILE",
    'With --suite: where the answers go with their grades; with --model "-" is standard output',
  ),
  maxTokens: integerOption(
    "N",
    "Most tokens of an answer; 512, the suite's own, or what the model has room for when absent",
    { min: 1 },
  ),
  ...HELD_OUT_OPTIONS,
  ...MODEL_USE,
} as const satisfies OptionTable;

type OptionName = keyof typeof OPTIONS;

const HELD_OUT: readonly string[] = [
  ...["model", "data", "maxTokens"],
  ...Object.keys(HELD_OUT_OPTIONS),
  ...Object.keys(MODEL_USE),
];
const PREFERENCES: readonly OptionName[] = ["suite", "preferences"];
const SUITE: readonly OptionName[] = ["suite", "data", "out"];
const SUITE_OF_RESPONSES: readonly OptionName[] = [...SUITE, "responses"];
const SUITE_OF_MODEL: readonly OptionName[] = [
  ...SUITE,
  ...(["model", "maxTokens", "weights", "device"] as const),
];

const NAME = "evaluate";
const USES = { name: NAME, options: OPTIONS };

export const evaluateCommand = defineCommand({
  name: NAME,
  summary: "Measure a model on held-out prompts, judge sets or a suite",
  description:
    "Asks each held-out prompt as one user message, greedily and sampled, and reports the share of right answers and their graded score with 95 % bootstrap intervals, where a verifier knows the truth. With a judge set the model also judges: its own answers, and the set, against the truth of the set. With --suite the answers in a file, or those of a model that is asked greedily, are graded as a published benchmark grades them; the rows gain its fields. With --suite alpaca-eval, mt-bench or arena-hard a model answers the benchmark's questions (--data), turn after turn, into the file of answers (--out) that the benchmark's judges, judge and compare read. With --suite alpaca-eval and --preferences the preferences of a judge become win rates against the reference, also at equal lengths. What a model has answered is kept beside --out, or in the user's cache where no rows are written, and the same command goes on with it.",
  options: OPTIONS,
  examples: {
    "autodidact evaluate --model runs/a/models/M3 --data nursery/seeds/held-out.jsonl --verifier nursery --max-tokens 24":
      "Says what share of the nursery's held-out tasks the model solves",
    "autodidact evaluate --suite user-oriented --data user_oriented_instructions.jsonl --model my-chat-model --out answers.jsonl":
      "Lets a model answer the tasks and grades it against their references",
    "autodidact evaluate --suite alpaca-eval --data alpaca_eval.json --model my-chat-model --out model_outputs.json":
      "Writes a model's answers in the file that AlpacaEval's judges read",
    "autodidact evaluate --suite mt-bench --data question.jsonl --model my-chat-model --out model_answer/my-chat-model.jsonl":
      "Asks both turns of each question and writes the file of answers of MT-Bench",
    "autodidact evaluate --suite alpaca-eval --preferences annotations.json":
      "Prints the win rate of a model, and what it would be at equal lengths",
  },
  run: async (values, io, given) => {
    const { suite, responses, model, preferences } = values;
    if (isBenchmark(suite)) {
      if (model !== undefined || suite !== "alpaca-eval") {
        refuseOthers(
          USES,
          given,
          SUITE_OF_MODEL,
          "does not go with --model here",
        );
        const data = needed(values.data, "data");
        const out = needed(values.out, "out");
        const asked = { suite, data, out, model: needed(model, "model") };
        await answerQuestions({ ...values, ...asked }, io);
        return;
      }
      refuseOthers(
        USES,
        given,
        PREFERENCES,
        "does not go with --suite alpaca-eval",
      );
      if (preferences.length === 0) throw missing("preferences");
      await evaluatePreferences(preferences, io);
      return;
    }
    const data = needed(values.data, "data");
    if (suite === undefined) {
      refuseOthers(USES, given, HELD_OUT, "goes with --suite only");
      const held = { ...values, data, model: needed(model, "model") };
      await evaluateHeldOut(held, io);
    } else if (responses !== undefined) {
      refuseOthers(
        USES,
        given,
        SUITE_OF_RESPONSES,
        "does not go with --responses",
      );
      await gradeResponses({ ...values, suite, data, responses }, io);
    } else if (model !== undefined) {
      refuseOthers(USES, given, SUITE_OF_MODEL, "does not go with --suite");
      await gradeModel({ ...values, suite, data, model }, io);
    } else {
      throw new AutodidactError(
        "USAGE",
        "--suite needs answers: give --responses FILE, or --model DIR|ID to be asked.",
      );
    }
  },
});

function isBenchmark(suite: string | undefined): suite is BenchmarkName {
  return BENCHMARK_NAMES.some((name) => name === suite);
}

/** @throws USAGE when the option was not given */
function needed(value: string | undefined, key: OptionName): string {
  if (value !== undefined) return value;
  throw missing(key);
}

function missing(key: OptionName): AutodidactError {
  const flag = flagOf(key, OPTIONS[key]);
  return misused(
    NAME,
    `The option "${flag}" is required and was not given`,
    flag,
  );
}
