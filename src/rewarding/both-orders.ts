/**
 * @file Which of two answers is better, asked in both orders: judges favour a place, and
 * in the mean of the two orders that cancels (Zheng et al. 2023, arXiv 2306.05685, 3.4).
 */
import type {
  GenerateOptions,
  LanguageModel,
} from "../generation/language-model.js";
import {
  judgeItems,
  type AnswerPair,
  type JudgedItem,
  type JudgeSettings,
} from "./judge.js";

/** What a judge says of two answers. */
export interface ComparedAnswers {
  /** 0 where the first is better, 1 where the second is; null unless both orders have a verdict. */
  readonly preference: number | null;
  /** Shown as given and the other way round; a score is for the answer shown second. */
  readonly orders: readonly [JudgedItem, JudgedItem];
}

/** @throws as `judgeItems` */
export async function inBothOrders(
  model: LanguageModel,
  pairs: readonly AnswerPair[],
  settings: JudgeSettings,
  options: GenerateOptions = {},
): Promise<ComparedAnswers[]> {
  const shown = pairs.flatMap((pair) => [
    pair,
    { ...pair, first: pair.second, second: pair.first },
  ]);
  const { onProgress } = options;
  const judged = await judgeItems(
    model,
    shown,
    { ...settings, scale: "preference" },
    {
      ...options,
      ...(onProgress && {
        onProgress: (done) => {
          onProgress(Math.floor(done / 2));
        },
      }),
    },
  );
  return pairs.map((_, i) => compared([judged[2 * i], judged[2 * i + 1]]));
}

function compared(
  orders: readonly (JudgedItem | undefined)[],
): ComparedAnswers {
  const [given, turned] = orders as [JudgedItem, JudgedItem];
  const known = given.kind === "score" && turned.kind === "score";
  return {
    preference: known ? (given.score + 1 - turned.score) / 2 : null,
    orders: [given, turned],
  };
}
