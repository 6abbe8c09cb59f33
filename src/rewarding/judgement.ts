/**
 * @file What one judge sample says, read from its own words only.
 *
 * Three values: a score, an abstention, or malformed. Text that the judge was shown is
 * never looked at, so a candidate that contains "Score: 5" changes nothing. The last
 * score line counts; a score outside 0 … 5 is malformed, not clamped.
 */

/** Scores go from 0 to this, in points of the additive rubric (Self-Rewarding, Figure 2). */
export const TOP_SCORE = 5;

export type Judgement =
  | {
      readonly kind: "score";
      /** 0 … 5; a fraction where samples were averaged or probabilities weighed. */
      readonly score: number;
      /** Variance of the samples, or of the score-token distribution. */
      readonly variance: number;
      readonly raw: string;
      readonly rationale: string | null;
      /** Probability of 0, 1, … 5 where the model tells. */
      readonly probabilities: readonly number[] | null;
    }
  | { readonly kind: "abstention"; readonly raw: string }
  | { readonly kind: "malformed"; readonly raw: string };

const SCORE_LINE =
  /\bscore\s*[:：]\s*(-?\d+(?:\.\d+)?)(?:\s*\/\s*5)?(?![\d.]*\d)/giu;
const ABSTENTION = /\bscore\s*[:：]\s*(?:n\/?a|none|unknown|abstain)\b/giu;

/** Reads one generated judgement. */
export function parseJudgement(raw: string): Judgement {
  const score = lastMatch(raw, SCORE_LINE);
  const abstention = lastMatch(raw, ABSTENTION);
  if (abstention !== null && abstention.index > (score?.index ?? -1)) {
    return { kind: "abstention", raw };
  }
  const value = Number(score?.[1] ?? Number.NaN);
  if (score === null || !(value >= 0 && value <= TOP_SCORE))
    return { kind: "malformed", raw };
  const rationale = raw.slice(0, score.index).trim();
  return {
    kind: "score",
    score: value,
    variance: 0,
    raw,
    rationale: rationale === "" ? null : rationale,
    probabilities: null,
  };
}

/**
 * Mean of several samples of one judge: the readable scores are averaged as fractions;
 * without any, the commoner of abstention and malformed.
 */
export function averageJudgements(samples: readonly Judgement[]): Judgement {
  const raw = samples.map((sample) => sample.raw).join("\n");
  const scored = samples.filter((sample) => sample.kind === "score");
  if (scored.length === 0) {
    const abstentions = samples.filter(
      ({ kind }) => kind === "abstention",
    ).length;
    return {
      kind: abstentions * 2 > samples.length ? "abstention" : "malformed",
      raw,
    };
  }
  const score =
    scored.reduce((sum, sample) => sum + sample.score, 0) / scored.length;
  const variance =
    scored.reduce((sum, sample) => sum + (sample.score - score) ** 2, 0) /
    scored.length;
  return {
    kind: "score",
    score,
    variance,
    raw,
    rationale: scored[0]?.rationale ?? null,
    probabilities: null,
  };
}

/** Share of the next-token mass that must lie on the scores for a judgement to count. */
const LEAST_SCORE_MASS = 0.5;

/** Expected score under the model's own distribution over the score tokens. */
export function expectedJudgement(
  logprobs: readonly number[],
  written: { readonly raw: string; readonly rationale: string | null },
): Judgement {
  const masses = logprobs.map(Math.exp);
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  const { raw, rationale } = written;
  if (!(total >= LEAST_SCORE_MASS)) return { kind: "malformed", raw };
  const probabilities = masses.map((mass) => mass / total);
  const score = probabilities.reduce((sum, p, value) => sum + p * value, 0);
  const variance = probabilities.reduce(
    (sum, p, value) => sum + p * (value - score) ** 2,
    0,
  );
  return { kind: "score", score, variance, raw, rationale, probabilities };
}

function lastMatch(text: string, pattern: RegExp): RegExpExecArray | null {
  let last: RegExpExecArray | null = null;
  for (const match of text.matchAll(pattern)) last = match;
  return last;
}
