/**
 * @file Judgements worth learning from: those that order the answers to a prompt as whoever
 * knows better ordered them (Self-Rewarding, section 3.1; with a verifier in people's
 * place, Self-Taught Evaluators, arXiv 2408.02666).
 */
import type { RandomStream } from "../foundation/random.js";
import { parseJudgement } from "./judgement.js";

/** An EFT row as recipes read it. */
export interface EftRow {
  readonly prompt: string;
  readonly response: string;
  readonly score: number;
  readonly rationale: string;
}

export interface JudgedAnswer {
  readonly prompt: string;
  readonly response: string;
  /** Smaller is better. */
  readonly rank: number;
  readonly samples: readonly {
    readonly kind: string;
    readonly score: number | null;
    readonly raw: string;
  }[];
}

/**
 * The first sample whose scores put a better answer above a worse one in every pair that
 * was told apart.
 * @returns its rows; "disagrees", or "unread" where no sample scores every answer
 */
export function agreeingSample(
  answers: readonly JudgedAnswer[],
): EftRow[] | "disagrees" | "unread" {
  const most = Math.max(...answers.map(({ samples }) => samples.length));
  let read = false;
  for (let sample = 0; sample < most; sample++) {
    const rows = answers.flatMap((answer) => rowOf(answer, sample));
    if (rows.length < answers.length) continue;
    read = true;
    const agrees = answers.every((better, i) =>
      answers.every(
        (worse, j) =>
          better.rank >= worse.rank ||
          (rows[i]?.score ?? 0) > (rows[j]?.score ?? 0),
      ),
    );
    if (agrees) return rows;
  }
  return read ? "disagrees" : "unread";
}

/** Only scores that the judge wrote, a weighed one has no words that lead to it. */
function rowOf(
  { prompt, response, samples }: JudgedAnswer,
  at: number,
): EftRow[] {
  const judgement = parseJudgement(samples[at]?.raw ?? "", true);
  if (judgement.kind !== "score") return [];
  const { score, rationale } = judgement;
  return [{ prompt, response, score, rationale: rationale ?? "" }];
}

/** The rows without so many of the commonest score that it is as common as the next. */
export function withoutCommonScores<R extends Pick<EftRow, "score">>(
  rows: readonly R[],
  random: RandomStream,
): R[] {
  const counts = new Map<number, number>();
  for (const { score } of rows) counts.set(score, (counts.get(score) ?? 0) + 1);
  const [most, next] = [...counts].sort((a, b) => b[1] - a[1]);
  if (most === undefined || next === undefined) return [...rows];
  const common = rows.filter(({ score }) => score === most[0]);
  const kept = new Set(random.sample(common, next[1]));
  return rows.filter((row) => row.score !== most[0] || kept.has(row));
}
