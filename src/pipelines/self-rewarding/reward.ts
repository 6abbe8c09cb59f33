/**
 * @file Where a round's rewards come from: the model itself, M1 for ever, or, in the
 * control arms, the verifier or chance.
 */
import { derivedSeed, randomStream } from "../../foundation/random.js";
import {
  judgeItems,
  type JudgeItem,
  type JudgeSettings,
} from "../../rewarding/judge.js";
import { TOP_SCORE, type Judgement } from "../../rewarding/judgement.js";
import type { LanguageModel } from "../../generation/language-model.js";
import type { Candidate } from "../../rewarding/candidate.js";
import type { TrainedModel } from "../run/model-stages.js";
import type { RunContext } from "./run-context.js";

export type Judge = (
  candidates: readonly Candidate[],
) => Promise<readonly Judgement[]>;

/** The judge's settings as the judging module takes them. */
export function judgeSettings(
  { recipe, form }: Pick<RunContext, "recipe" | "form">,
  ...purpose: readonly (string | number)[]
): JudgeSettings {
  const seed = derivedSeed(recipe.seed, "judge", ...purpose);
  return { ...recipe.judge, seed, ask: form.ask };
}

/** Judges with a model that is already loaded. */
export function modelJudge(
  model: LanguageModel,
  settings: JudgeSettings,
  signal: AbortSignal,
): (items: readonly JudgeItem[]) => Promise<Judgement[]> {
  return (items) => judgeItems(model, items, settings, { signal });
}

/** Opens the judge of a round and gives it to `use`. */
export async function withJudge<T>(
  context: RunContext,
  round: {
    readonly number: number;
    readonly author: TrainedModel;
    readonly frozen: TrainedModel;
  },
  use: (judge: Judge) => Promise<T>,
): Promise<T> {
  const { recipe, host, verifier, signal } = context;
  const { source } = recipe.judge;
  if (source === "verifier") {
    return use((candidates) =>
      Promise.resolve(
        candidates.map(({ prompt, text, finished }) => {
          const verdict = verifier?.verify(prompt, text, finished) ?? null;
          const raw = "verifier";
          return verdict === null
            ? ({ kind: "abstention", raw } as const)
            : exactly(verdict.score, raw);
        }),
      ),
    );
  }
  if (source === "random") {
    return use((candidates) =>
      Promise.resolve(
        candidates.map(({ rowId }) =>
          exactly(
            TOP_SCORE *
              randomStream(
                recipe.seed,
                "random-reward",
                round.number,
                rowId,
              ).next(),
            "random",
          ),
        ),
      ),
    );
  }
  const judge = source === "frozen" ? round.frozen : round.author;
  return host.withModel(judge.path, (model) => {
    const score = modelJudge(
      model,
      judgeSettings(context, round.number),
      signal,
    );
    return use((candidates) =>
      score(candidates.map(({ prompt, text }) => ({ prompt, response: text }))),
    );
  });
}

function exactly(score: number, raw: string): Judgement {
  return {
    kind: "score",
    score,
    variance: 0,
    raw,
    rationale: null,
    probabilities: null,
  };
}
