/**
 * @file Keys of a recipe that say what a round does, what it reads and when it ends, each
 * with its default and what it means; docs/recipes.md is written from them.
 */
import { z } from "zod";
import { DEFAULT_STOP_RULE } from "../evaluation/stop-rule.js";
import { PAIR_RULE_NAMES } from "../rewarding/pair-rules/pair-rules.js";
import { ADDITIVE_ANSWER, ADDITIVE_RUBRIC } from "../rewarding/rubric.js";
import { REWARD_SOURCE_NAMES } from "../rewarding/sources/reward-sources.js";
import { generateEngine } from "./generate-engine.js";
import { outsideModel } from "./outside-model.js";
import { recipeModel, recipePath } from "./schema-keys.js";
import { trainEngine } from "./train-engine.js";
import {
  fromZero,
  notNegative,
  positive,
  positiveInt,
  share,
} from "./numbers.js";

/** How tokens are drawn, with the defaults of whoever draws. */
function sampling(
  defaults: {
    readonly temperature: number;
    readonly topP: number;
    readonly maxTokens: number;
  },
  what: "an answer" | "a judgement" = "an answer",
) {
  return {
    temperature: notNegative
      .default(defaults.temperature)
      .describe("0 takes the most probable token."),
    topP: share
      .default(defaults.topP)
      .describe(
        "Sample among the most probable tokens that make up this share.",
      ),
    topK: fromZero
      .default(0)
      .describe("Sample among this many tokens; 0 for all."),
    maxTokens: positiveInt
      .default(defaults.maxTokens)
      .describe(`Most tokens of ${what}.`),
  };
}

export const prompts = z
  .strictObject({
    ...sampling({ temperature: 0.6, topP: 0.9, maxTokens: 256 }),
    file: recipePath()
      .optional()
      .describe(
        "Rows {prompt, …} to take instead of having them written: `count` others in each round, drawn by the seed, with what the verifier reads.",
      ),
    count: positiveInt
      .default(1000)
      .describe("New prompts wanted in each round."),
    maxRequestsPerPrompt: positive
      .default(5)
      .describe("Stop asking after this many requests for each prompt wanted."),
    seedExamples: fromZero
      .default(6)
      .describe("Examples shown that come from the seeds."),
    ownExamples: fromZero
      .default(2)
      .describe("Examples shown that the model wrote itself."),
    template: z
      .string()
      .default(
        "Here are some tasks:\n\n{tasks}\n\nWrite one new task of a different kind. Give only the task.",
      )
      .describe("With the slot `{tasks}`."),
    separator: z
      .string()
      .default("\n\n")
      .describe("Stands between the examples in the slot."),
    novelty: share
      .default(0.7)
      .describe(
        "ROUGE-L above which a prompt is too like one of the pool (Self-Instruct, section 2.2).",
      ),
    tokenizer: z
      .enum(["rouge", "unicode"])
      .default("rouge")
      .describe("Words compared: as rouge_score, or in any script."),
    minWords: fromZero.default(3).describe("Fewest words of a prompt."),
    maxWords: fromZero.default(150).describe("Most words of a prompt."),
    endpoint: outsideModel
      .exactOptional()
      .describe(
        "An outside model that writes the prompts instead of the run's own.",
      ),
  })
  .refine(
    ({ file, endpoint }) => file === undefined || endpoint === undefined,
    {
      path: ["endpoint"],
      message:
        "prompts.file gives the prompts, so nobody writes any: leave one of the two out.",
    },
  );

export const candidates = z.strictObject({
  ...sampling({ temperature: 0.7, topP: 0.9, maxTokens: 512 }),
  n: z.number().int().min(2).default(4).describe("Answers to each prompt."),
});

/** How EFT rows are made. */
export const judgeData = z.strictObject({
  source: z
    .enum(["verifier", "rankings"])
    .describe(
      "Who knows the order: `verifier`, right against wrong among the model's own answers; `rankings`, people, in `file`.",
    ),
  file: recipePath()
    .optional()
    .describe(
      "With `rankings` rows {prompt, response, rank}, such as answers.jsonl of `autodidact rankings`. With `verifier` rows {prompt, …} to answer; the prompts of data.ift when absent.",
    ),
  prompts: positiveInt
    .nullable()
    .default(null)
    .describe("Use only so many prompts from the start; null for all."),
  answers: z
    .number()
    .int()
    .min(2)
    .default(4)
    .describe(
      "With `verifier`: answers to each prompt, drawn as candidates are.",
    ),
  samples: positiveInt
    .default(4)
    .describe("Judgements of each answer, drawn as the judge's are."),
});

/** Judgements are drawn among all tokens. */
const { topK: _topK, ...judgementSampling } = sampling(
  { temperature: 0.7, topP: 0.9, maxTokens: 256 },
  "a judgement",
);

export const judge = z
  .strictObject({
    source: z
      .enum(REWARD_SOURCE_NAMES)
      .default("self")
      .describe(
        "`self` M_t, `frozen` M1 for ever, `reward-model` one trained on rankings and frozen, `endpoint` an outside model; `verifier`, `random` and `coin`, which gives the verifier's pairs either way round, are control arms.",
      ),
    rewardModel: recipeModel()
      .optional()
      .describe(
        "With source `reward-model`: its folder or Hub id; when absent one is made of M1 by data.rankings.",
      ),
    reward: z
      .enum(["expected", "samples"])
      .default("samples")
      .describe(
        "Sampled scores averaged as in the paper, or the expected score over the score tokens.",
      ),
    samples: positiveInt
      .default(3)
      .describe("Judgements of each answer, where they are sampled."),
    ...judgementSampling,
    secondTry: z
      .boolean()
      .optional()
      .describe(
        "Whether a sampled judgement without a readable score gets one from the probabilities of the scores after its words; counted apart.",
      ),
    template: z
      .string()
      .default(ADDITIVE_RUBRIC)
      .describe("The rubric, with the slots `{prompt}` and `{response}`."),
    answer: z
      .string()
      .default(ADDITIVE_ANSWER)
      .describe(
        "The form of a judgement, with the slot `{score}` and, if wanted, `{rationale}`.",
      ),
    gate: share
      .default(0.8)
      .describe(
        "Accuracy of the judge on the fixed set below which the loop does not start.",
      ),
    endpoint: outsideModel
      .exactOptional()
      .describe("With source `endpoint`: the outside model that judges."),
  })
  .refine(
    ({ source, endpoint }) => source !== "endpoint" || endpoint !== undefined,
    {
      path: ["endpoint"],
      message: "judge.source is endpoint: say with baseUrl and model which.",
    },
  );

export const pairKeys = z.strictObject({
  rule: z
    .enum(PAIR_RULE_NAMES)
    .optional()
    .describe(
      "Which of a prompt's answers make a pair; best against worst when absent.",
    ),
  minMargin: notNegative
    .default(0)
    .describe("A pair needs a score difference above this."),
  finishedOnly: z
    .boolean()
    .default(true)
    .describe("The chosen answer must have ended by itself."),
});

export const evaluation = z.strictObject({
  temperature: notNegative
    .default(0.7)
    .describe("Of the sampled answers; others are greedy."),
  samplesPerPrompt: fromZero
    .default(2)
    .describe("Sampled answers to each held-out prompt; 0 for none."),
  maxTokens: positiveInt.default(512).describe("Most tokens of an answer."),
  resamples: positiveInt
    .default(2000)
    .describe("Bootstrap resamples of an interval."),
});

const firstRows = positiveInt
  .nullable()
  .default(null)
  .describe("Use only this many rows from the start; null for all.");

export const data = z.strictObject({
  ift: recipePath()
    .optional()
    .describe(
      "IFT rows: {instruction, input?, output}, {prompt, output}, {prompt, completion} or {messages} of one exchange; chat.jsonl of an `instruct` data set is one such file. Without it and `eft`, M1 is the base as it is.",
    ),
  iftRows: firstRows,
  eft: recipePath()
    .optional()
    .describe("EFT rows: {prompt, response, score, rationale?}."),
  eftRows: firstRows,
  rankings: recipePath()
    .optional()
    .describe(
      "Rows {prompt, chosen, rejected} that a reward model learns from; the EFT rows' scores rank when absent.",
    ),
  heldOut: recipePath().describe("Rows {prompt, …} that nothing trains on."),
  heldOutRows: firstRows,
  judgeFixed: recipePath()
    .optional()
    .describe(
      "Rows {prompt, right, corrupted}, or pairs {prompt, chosen, rejected}.",
    ),
  judgeFixedRows: firstRows,
  judgeTest: recipePath()
    .optional()
    .describe("Rows {prompt, responses: [{response, score}, …]}."),
  judgeTestRows: firstRows,
});

const bound = (value: number | null) => z.number().nullable().default(value);

export const stop = z.strictObject({
  judgeFloor: bound(DEFAULT_STOP_RULE.judgeFloor).describe(
    "Least fixed-set accuracy of the judge; null switches a bound off.",
  ),
  judgeFall: bound(DEFAULT_STOP_RULE.judgeFall).describe(
    "Most that accuracy may fall below the first model that judges.",
  ),
  topScoreShare: bound(DEFAULT_STOP_RULE.topScoreShare).describe(
    "Largest share of candidates that may get one and the same score.",
  ),
  malformedShare: bound(DEFAULT_STOP_RULE.malformedShare).describe(
    "Largest share of judgements that cannot be read.",
  ),
  minimumPairs: bound(DEFAULT_STOP_RULE.minimumPairs).describe(
    "Fewest preference pairs a round may train on.",
  ),
  lengthRatio: bound(DEFAULT_STOP_RULE.lengthRatio).describe(
    "Longest answers, as a multiple of M1's.",
  ),
  trueAccuracyFall: bound(DEFAULT_STOP_RULE.trueAccuracyFall).describe(
    "Most that the verifier's accuracy may fall below the best earlier model; looks at the truth.",
  ),
});

/** What computes, and how. */
export const engine = z
  .strictObject({
    weights: z
      .enum(["float32", "int8"])
      .default("float32")
      .describe(
        "Linear layers of a model that generates or judges with the embedded engine; int8 is faster and rounds.",
      ),
    generate: generateEngine
      .exactOptional()
      .describe(
        "What generates and judges: the embedded engine when absent, or vLLM.",
      ),
    train: trainEngine
      .exactOptional()
      .describe("What trains: the embedded engine when absent, or TRL."),
  })
  .refine(
    ({ weights, generate }) =>
      weights === "float32" || generate?.kind !== "vllm",
    {
      path: ["weights"],
      message:
        "It is of the embedded engine, and engine.generate.kind is vllm: leave it out, and serve a quantized checkpoint or pass vLLM's own --quantization in engine.generate.args.",
    },
  );
