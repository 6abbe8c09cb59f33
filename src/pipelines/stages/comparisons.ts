/**
 * @file The answers of two models set against each other by a judge, as AlpacaEval's
 * annotations have it: the reference is 1, the model 2.
 */
import { basename, extname } from "node:path";
import { z } from "zod";
import { rowError } from "../../data/formats/field-errors.js";
import type { PlacedRow } from "../../data/formats/rows.js";
import { answerName } from "../../evaluation/graded-answers.js";
import { refuseRepeats } from "../../evaluation/suites/suite.js";
import { canonicalJson } from "../../foundation/hash.js";
import { sigmoid } from "../../foundation/statistics.js";
import type {
  GenerateOptions,
  LanguageModel,
} from "../../generation/language-model.js";
import { inBothOrders } from "../../rewarding/both-orders.js";
import type { AnswerPair, JudgeSettings } from "../../rewarding/judge.js";
import {
  answered,
  fittingSettings,
  judgementFields,
  requireRewardable,
  type JudgeTask,
} from "./judge.js";
import {
  asConversation,
  judgedRow,
  readResponseRows,
  shownPrompt,
  type ResponseRow,
} from "./prompt-rows.js";
import { rowsIdentity, type RowWork } from "./resumable-rows.js";

const answer = z.string();
const annotation = z.looseObject({
  instruction: z.string(),
  output_1: answer,
  generator_1: z.string(),
  output_2: answer,
  generator_2: z.string(),
  annotator: z.string(),
  /** From 1, the reference is better, to 2; null where the judge gave no verdict. */
  preference: z.number().nullable(),
  /** What the judge said, by whose answer stood first; none by a reward model. */
  orders: z.array(
    judgedRow
      .pick({ kind: true, score: true, variance: true, judgements: true })
      .extend({ first: z.union([z.literal(1), z.literal(2)]) }),
  ),
});

export type Annotation = z.output<typeof annotation>;

/** A model's answer beside the reference's to the same prompt. */
interface Opponents {
  readonly reference: PlacedRow<ResponseRow>;
  readonly model: PlacedRow<ResponseRow>;
}

/** Two files of answers, paired. */
interface PairedAnswers {
  readonly pairs: readonly Opponents[];
  /** Answers that only one of the files has. */
  readonly alone: number;
}

/**
 * The answers that both files have, in the order of the model's.
 * @param questions file of the benchmark's questions, where the answers do not hold them
 * @throws BAD_INPUT naming file, line and field; for two answers of one side to a prompt;
 *   for files that share none
 */
export async function readOpponents(
  data: string,
  against: string,
  questions?: string,
): Promise<PairedAnswers> {
  const named = async (path: string) => {
    const rows = await readResponseRows(path, questions);
    const name = basename(path, extname(path));
    const placed = rows.map(({ row, ...place }) => ({
      ...{ key: keyOf(row), place },
      answer: {
        ...place,
        row: { ...row, generator: generatorOf(row) ?? name },
      },
    }));
    refuseRepeats(placed);
    return new Map(placed.map((one) => [one.key, one.answer]));
  };
  const [models, references] = [await named(data), await named(against)];
  const pairs = [...models].flatMap(([key, model]) => {
    const reference = references.get(key);
    return reference === undefined ? [] : [{ reference, model }];
  });
  const [first] = models.values();
  if (pairs.length === 0 && first !== undefined)
    throw rowError(
      first,
      `nothing in ${against} answers what this file answers`,
      "Give two files of answers to the same prompts, which name them by the same field.",
    );
  return {
    pairs,
    alone: models.size + references.size - 2 * pairs.length,
  };
}

/** Which answer of a side it is. */
function keyOf(row: ResponseRow): string {
  return JSON.stringify([answerName(row), row["turn"], row["sample"]]);
}

function generatorOf(row: ResponseRow): string | undefined {
  return ["generator", "model", "model_id"]
    .map((field) => row[field])
    .find((value) => typeof value === "string");
}

/** A preference for each pair, in order; a judge is asked in both orders. */
export function comparing(
  pairs: readonly Opponents[],
  settings: JudgeSettings,
  annotator: string,
): JudgeTask<Annotation> {
  const comparedBy = (model: LanguageModel, how: JudgeSettings) =>
    comparisonWork(pairs, {
      answersEach: 2 * (how.reward === "samples" ? how.samples : 1),
      ...{ annotator, judge: { model: model.identity, settings: how } },
      judged: async (some, options) => {
        const judged = await inBothOrders(
          model,
          some.map(shownPair),
          how,
          options,
        );
        return judged.map(({ preference, orders }) => ({
          preference,
          orders: orders.map((order, at) => ({
            first: at === 0 ? 1 : 2,
            ...judgementFields(order),
          })),
        }));
      },
    });
  return {
    byCheckpoint: async ({ languageModel, checkpoint }) => {
      const items = pairs.map((pair) => ({
        ...pair.model,
        item: shownPair(pair),
      }));
      return comparedBy(
        languageModel,
        await fittingSettings(checkpoint, items, settings),
      );
    },
    byModel: (model) => comparedBy(model, settings),
    byRewards: async (model) => {
      const sides = pairs.flatMap((pair) => [pair.reference, pair.model]);
      await requireRewardable(model, sides);
      const { tokenizer } = model.checkpoint;
      return comparisonWork(pairs, {
        answersEach: 2,
        ...{ annotator, judge: { model: model.identity, settings: null } },
        judged: async (some, { onProgress: _each, ...options }) => {
          const rewards = await model.rewards(
            some.flatMap(({ reference, model: other }) =>
              [reference, other].map(({ row }) => answered(tokenizer, row)),
            ),
            options,
          );
          // The chance that Bradley and Terry give the second.
          return some.map((_, i) => ({
            preference: sigmoid(
              (rewards[2 * i + 1] ?? Number.NaN) -
                (rewards[2 * i] ?? Number.NaN),
            ),
            orders: [],
          }));
        },
      });
    },
  };
}

function comparisonWork(
  pairs: readonly Opponents[],
  work: {
    readonly answersEach: number;
    readonly annotator: string;
    /** What determines a preference besides the answers. */
    readonly judge: { readonly model: string; readonly settings: unknown };
    readonly judged: (
      pairs: readonly Opponents[],
      options: GenerateOptions,
    ) => Promise<readonly Pick<Annotation, "preference" | "orders">[]>;
  },
): RowWork<Annotation> {
  const { answersEach, annotator, judge, judged } = work;
  return {
    ...{ items: pairs.length, unit: "pairs", rowsEach: 1, answersEach },
    identity: rowsIdentity(
      { stage: "compare", ...judge },
      pairs.map(({ reference, model }) => [reference.row, model.row]),
    ),
    schema: annotation,
    rows: async (start, end, options) => {
      const some = pairs.slice(start, end);
      const verdicts = await judged(some, options);
      return some.map(({ reference, model }, i) => {
        const { preference = null, orders = [] } = verdicts[i] ?? {};
        const { prompt, response, generator, ...fields } = model.row;
        return {
          ...fields,
          instruction: shownPrompt(prompt),
          output_1: reference.row.response,
          generator_1: String(reference.row["generator"]),
          output_2: response,
          generator_2: String(generator),
          annotator,
          preference: preference === null ? null : 1 + preference,
          orders,
        };
      });
    },
  };
}

/**
 * As the judge sees them. In a later turn each side has a conversation of its own: then
 * the prompt is what the user said, and each answer the whole of what came of it.
 */
function shownPair({ reference, model }: Opponents): AnswerPair {
  const [first, second] = [reference.row, model.row];
  if (canonicalJson(first.prompt) === canonicalJson(second.prompt))
    return {
      prompt: shownPrompt(second.prompt),
      first: first.response,
      second: second.response,
    };
  const asked = asConversation(second.prompt).filter(
    ({ role }) => role !== "assistant",
  );
  const whole = ({ prompt, response }: ResponseRow): string =>
    shownPrompt([
      ...asConversation(prompt),
      { role: "assistant", content: response },
    ]);
  return {
    prompt: shownPrompt(asked),
    first: whole(first),
    second: whole(second),
  };
}
