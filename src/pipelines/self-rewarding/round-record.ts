/**
 * @file What one round leaves for the report and for the rules that watch the run.
 */
import type { RoundSnapshot } from "../../evaluation/run-history.js";
import { scoreHistogram, topShare } from "../../evaluation/score-statistics.js";
import type { SelfRewardingRecipe } from "../../recipes/self-rewarding.js";
import type { RoundReport } from "../../reporting/self-rewarding/schema.js";
import type { JudgedCandidate } from "../../rewarding/candidate.js";
import type { Judged } from "./judgement-stage.js";
import type { PairOutcome } from "./pair-stage.js";
import type { PromptStageOutput, WrittenPrompt } from "./prompt-stage.js";
import type { Verifier } from "../../evaluation/verifiers/verifier.js";

export interface RoundRecord extends Judged {
  readonly number: number;
  readonly from: string;
  readonly to: string;
  readonly prompts: readonly WrittenPrompt[];
  readonly writing: PromptStageOutput;
  readonly outcome: PairOutcome;
}

/** The round as the warnings and the stop rule see it. */
export function roundSnapshot(round: RoundRecord): RoundSnapshot {
  const { from, to, prompts, judged, outcome, writing } = round;
  return {
    from,
    to,
    prompts: prompts.length,
    judgements: round.judgements,
    malformed: round.malformed,
    pairs: outcome.pairs.length,
    distinctPrompts: writing.distinct,
    promptSimilarity: writing.similarity,
    topScoreShare: topShare(scoreHistogram(scoresOf(judged))),
  };
}

/** The round as report.json shows it. */
export function roundReport(
  round: RoundRecord,
  known: {
    readonly recipe: SelfRewardingRecipe;
    readonly verifier: Verifier | null;
    /** Working time of its stages. */
    readonly seconds: number;
  },
): RoundReport {
  const { recipe, verifier, seconds } = known;
  const { judged, outcome, writing, prompts } = round;
  const {
    tie = 0,
    "small-margin": smallMargin = 0,
    ...dropped
  } = outcome.dropped;
  const scores = scoresOf(judged);
  return {
    from: round.from,
    to: round.to,
    reward: recipe.judge.source,
    method: recipe.preference.mode,
    promptsWritten: writing.written,
    rejections: writing.rejections,
    prompts: prompts.length,
    candidates: judged.length,
    merged: prompts.length * recipe.candidates.n - judged.length,
    judgements: round.judgements,
    malformed: round.malformed,
    ...(recipe.judge.secondTry === true && { constrained: round.constrained }),
    scored: scores.length,
    pairs: outcome.pairs.length,
    ties: tie,
    dropped:
      smallMargin > 0 ? { ...dropped, "small-margin": smallMargin } : dropped,
    pairTruth: verifier === null ? null : pairTruth(outcome, verifier),
    scoreHistogram: scores.length === 0 ? null : scoreHistogram(scores),
    seconds,
  };
}

function scoresOf(judged: readonly JudgedCandidate[]): number[] {
  return judged.flatMap(({ score }) => (score === null ? [] : [score]));
}

function pairTruth({ pairs }: PairOutcome, verifier: Verifier) {
  const counts = { right: 0, tied: 0, wrong: 0 };
  for (const { prompt, chosen, rejected } of pairs) {
    const better = verifier.verify({ prompt }, chosen.text, chosen.finished);
    const worse = verifier.verify({ prompt }, rejected.text, rejected.finished);
    if (better === null || worse === null) continue;
    const difference = better.score - worse.score;
    counts[difference > 0 ? "right" : difference < 0 ? "wrong" : "tied"]++;
  }
  return counts;
}
