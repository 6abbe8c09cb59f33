/**
 * @file What a judge may say of what it was shown: points for one answer, or which of two
 * answers is better.
 */
import {
  givenScore,
  lastLine,
  parseJudgement,
  TOP_SCORE,
  type Judgement,
} from "./judgement.js";

export interface VerdictScale {
  /** Where the verdict stands in the form of a judgement. */
  readonly slot: string;
  /** The verdicts, each one token where they are weighed. */
  readonly texts: readonly string[];
  /** The score that each verdict stands for. */
  readonly values: readonly number[];
  /** @param finished whether the judge ended by itself; what was cut off is malformed */
  read(raw: string, finished: boolean): Judgement;
}

const POINTS = Array.from({ length: TOP_SCORE + 1 }, (_, score) => score);

/** Verdicts on two answers: A is the first, C says that neither is better. */
const PREFERENCES = { A: 0, C: 0.5, B: 1 } as const;

/** Marks around a verdict that say nothing. */
const EMPHASIS = /[*_`#[\]()<]/g;

/**
 * A verdict as our form has it, and as judges write it who know MT-Bench ([[A]]) or
 * Arena-Hard ([[A>>B]]); blanks are single.
 */
const VERDICT_LINE =
  /^(?:(?:my|the|final|overall) )*(?:(?:better|winner|verdict|更好的回答|更好|胜者|勝者)(?: ?:| is:?) ?)?(?:answer |assistant |response |回答 ?)?(?<verdict>[ABC]|[AB](?:>{1,2}|=)[AB])>?[.。]?$/iu;

export const VERDICT_SCALES = {
  points: {
    slot: "{score}",
    texts: POINTS.map(String),
    values: POINTS,
    read: parseJudgement,
  },
  preference: {
    slot: "{choice}",
    texts: Object.keys(PREFERENCES),
    values: Object.values(PREFERENCES),
    read: parsePreference,
  },
} as const satisfies Readonly<Record<string, VerdictScale>>;

export type ScaleName = keyof typeof VERDICT_SCALES;

/** 0 where the first of two answers is said to be better, 1 for the second. */
function parsePreference(raw: string, finished: boolean): Judgement {
  const { line, rationale } = lastLine(raw, finished);
  const bare = line.replace(EMPHASIS, "").replace(/\s+/g, " ").trim();
  const verdict = VERDICT_LINE.exec(bare)?.groups?.["verdict"]?.toUpperCase();
  const [winner, other] = [verdict?.at(0), verdict?.at(-1)];
  if (winner === undefined || (verdict?.length !== 1 && winner === other))
    return { kind: "malformed", raw };
  const choice = verdict?.includes("=") === true ? "C" : winner;
  const score = PREFERENCES[choice as keyof typeof PREFERENCES];
  return { ...givenScore(score), raw, rationale };
}
