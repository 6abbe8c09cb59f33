/**
 * @file What one judge sample says, read from its own words only.
 *
 * Three values: a score, an abstention, or malformed. Text that the judge was shown is
 * never looked at, so a candidate that contains "Score: 5" changes nothing. Only a whole,
 * final score line counts; a score outside 0 … 5 is malformed, not clamped. What a
 * reasoning model thinks before its verdict is no part of it.
 */
import { mean } from "../foundation/statistics.js";
import { withoutMarks } from "../text/model-marks.js";

/** Points of the additive rubric go from 0 to this (Self-Rewarding, Figure 2). */
export const TOP_SCORE = 5;

/** One judge sample. */
export type Judgement =
  | {
      readonly kind: "score";
      /** 0 … 5; a fraction where probabilities were weighed. */
      readonly score: number;
      /** Of the distribution over the scores; 0 where the score was written. */
      readonly variance: number;
      /** Exactly what the judge wrote; empty where it wrote nothing. */
      readonly raw: string;
      readonly rationale: string | null;
      /** Probability of 0, 1, … 5 where the model tells. */
      readonly probabilities: readonly number[] | null;
      /** Whether it was weighed on a second try, after words that had no score. */
      readonly constrained?: boolean;
    }
  | { readonly kind: "abstention"; readonly raw: string }
  | { readonly kind: "malformed"; readonly raw: string };

/** Longest line that is read as a score line, in characters. */
const LONGEST_SCORE_LINE = 100;

/**
 * The whole of a score line after Unicode compatibility folding (full-width digits and
 * colons are the plain ones): a label, a colon, a number or a word of abstention, perhaps
 * out of 5. Marks of emphasis may stand around each part.
 */
const SCORE_LINE =
  /^[#\s]*[*_`]*(?:(?:my|the|final|total|overall) )*(?:score|评分|分数|得分|总分|評分|分數|總分)[*_`\s]*:[*_`\s]*<?(?:(?<score>[+-]?\d+(?:\.\d+)?)|(?<none>n\/?a|none|unknown|abstain|无|無|弃权|棄權))>?(?:\s*(?:\/|out of)\s*5|\s*分)?[*_`]*(?:[.。][*_`]*)?$/iu;

/**
 * Reads one generated judgement, without its thoughts and marks. Only its last line that
 * is not empty counts, and only if all of it is a score line: a judge that quotes what a
 * candidate says about a score gives no score by that. Another scale than 0 … 5 is
 * malformed.
 *
 * @param finished whether the judge ended by itself; what was cut off is malformed
 */
export function parseJudgement(raw: string, finished: boolean): Judgement {
  const { line, rationale } = lastLine(raw, finished);
  const found = SCORE_LINE.exec(line)?.groups;
  if (found?.["none"] !== undefined) return { kind: "abstention", raw };
  const value = Number(found?.["score"] ?? Number.NaN);
  if (!(value >= 0 && value <= TOP_SCORE)) return { kind: "malformed", raw };
  return { ...givenScore(value), raw, rationale };
}

/**
 * A judge's last line that is not empty, folded, and what stands before it; the line is
 * empty where the judge was cut off, or it is too long to be a verdict.
 */
export function lastLine(
  raw: string,
  finished: boolean,
): { readonly line: string; readonly rationale: string | null } {
  const text = withoutMarks(raw).text.trimEnd();
  const start = text.lastIndexOf("\n") + 1;
  const line = text.slice(start);
  const rationale = text.slice(0, start).trim();
  return {
    line:
      finished && line.length <= LONGEST_SCORE_LINE
        ? line.normalize("NFKC").trim()
        : "",
    rationale: rationale === "" ? null : rationale,
  };
}

/** What the samples of one judge amount to. */
export type Reward =
  | {
      readonly kind: "score";
      /** 0 … 5, a fraction. */
      readonly score: number;
      /** Variance within the samples plus variance between them. */
      readonly variance: number;
      readonly rationale: string | null;
    }
  | { readonly kind: "abstention" | "malformed" };

/**
 * Mean of the samples of one judge: the readable scores are averaged as fractions; without
 * any, the commoner of abstention and malformed. Rows of a ledger are samples too.
 */
export function averageJudgements(
  samples: readonly {
    readonly kind: Judgement["kind"];
    readonly score?: number | null;
    readonly variance?: number | null;
    readonly rationale?: string | null;
  }[],
): Reward {
  const scores = samples.flatMap(({ score }) => score ?? []);
  const score = mean(scores);
  if (score === null) {
    const abstentions = samples.filter(({ kind }) => kind === "abstention");
    return {
      kind:
        abstentions.length * 2 > samples.length ? "abstention" : "malformed",
    };
  }
  const within = samples.flatMap(({ variance }) => variance ?? []);
  const between = scores.map((each) => (each - score) ** 2);
  const first = samples.find(({ kind }) => kind === "score");
  return {
    kind: "score",
    score,
    variance: (mean(within) ?? 0) + (mean(between) ?? 0),
    rationale: first?.rationale ?? null,
  };
}

/** Share of the next-token mass that must lie on the scores for a judgement to count. */
const LEAST_SCORE_MASS = 0.5;

/**
 * Expected score under the model's own distribution over the score tokens.
 * @param values the score that each token stands for; 0, 1, … when absent
 */
export function expectedJudgement(
  logprobs: readonly number[],
  written: { readonly raw: string; readonly rationale: string | null },
  values: readonly number[] = [...logprobs.keys()],
): Judgement {
  const masses = logprobs.map(Math.exp);
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  const { raw, rationale } = written;
  if (!(total >= LEAST_SCORE_MASS)) return { kind: "malformed", raw };
  const probabilities = masses.map((mass) => mass / total);
  const score = probabilities.reduce(
    (sum, p, i) => sum + p * (values[i] ?? Number.NaN),
    0,
  );
  const variance = probabilities.reduce(
    (sum, p, i) => sum + p * ((values[i] ?? Number.NaN) - score) ** 2,
    0,
  );
  return { kind: "score", score, variance, raw, rationale, probabilities };
}

/** The judgement of a source that writes no words; null is an abstention. */
export function givenScore(score: number): Judgement & { kind: "score" };
export function givenScore(score: number | null): Judgement;
export function givenScore(score: number | null): Judgement {
  return score === null
    ? { kind: "abstention", raw: "" }
    : {
        kind: "score",
        score,
        variance: 0,
        raw: "",
        rationale: null,
        probabilities: null,
      };
}

/**
 * The judgement of a reward model: its reward r, which may be any number, as 5·σ(r), so
 * that the order stays and every part that reads scores reads this one; r is kept in `raw`.
 */
export function rewardJudgement(reward: number): Judgement {
  const score = TOP_SCORE / (1 + Math.exp(-reward));
  return { ...givenScore(score), raw: String(reward) };
}
