/**
 * @file Preference pairs: of each prompt's answers the best against the worst
 * (Self-Rewarding, section 2.3); ties and small margins are dropped.
 *
 * Only scored answers take part. The chosen answer must have ended by itself. A prompt
 * that gives no pair is recorded with the rule that stopped it.
 */
import { crashPoint } from "../../foundation/crash-point.js";
import type { Stage } from "../../ledger/stage.js";
import type { SelfRewardingRecipe } from "../../recipes/self-rewarding.js";
import { runStage } from "../run/run-stage.js";
import type { JudgedCandidate } from "./judgement-stage.js";
import type { RunContext } from "./run-context.js";

export interface Pair {
  readonly rowId: number;
  readonly promptId: number;
  readonly prompt: string;
  readonly chosen: JudgedCandidate;
  readonly rejected: JudgedCandidate;
}

export interface PairOutcome {
  readonly pairs: readonly Pair[];
  /** Prompts without a pair, by rule. */
  readonly dropped: Readonly<Record<string, number>>;
}

type Choice =
  | { readonly chosen: JudgedCandidate; readonly rejected: JudgedCandidate }
  | { readonly rule: "too-few-scored" | "unfinished" | "tie" | "small-margin" };

/** The pair of one prompt, or why there is none. Earlier candidates win ties of equal score. */
export function choosePair(
  candidates: readonly JudgedCandidate[],
  settings: SelfRewardingRecipe["pairs"],
): Choice {
  const scored = candidates.filter(({ score }) => score !== null);
  if (scored.length < 2) return { rule: "too-few-scored" };
  const scoreOf = ({ score }: JudgedCandidate): number => score ?? Number.NaN;
  const eligible = settings.finishedOnly
    ? scored.filter(({ finished }) => finished)
    : scored;
  const [first] = eligible;
  if (first === undefined) return { rule: "unfinished" };
  const chosen = eligible.reduce(
    (best, next) => (scoreOf(next) > scoreOf(best) ? next : best),
    first,
  );
  const rejected = scored.reduce((worst, next) =>
    scoreOf(next) < scoreOf(worst) ? next : worst,
  );
  const margin = scoreOf(chosen) - scoreOf(rejected);
  if (margin <= 0) return { rule: "tie" };
  if (margin <= settings.minMargin) return { rule: "small-margin" };
  return { chosen, rejected };
}

/** Pairs of a round, in prompt order. */
export async function pairStage(
  context: RunContext,
  round: number,
  judged: readonly JudgedCandidate[],
): Promise<PairOutcome> {
  const { recipe } = context;
  const groups = groupByPrompt(judged);
  const { stage } = await runStage(context, {
    name: `round-${round}/pairs`,
    title: "the best answer of each prompt is set against the worst",
    inputs: {
      settings: recipe.pairs,
      scores: judged.map(({ rowId, score }) => [rowId, score]),
    },
    work: (opened) => {
      context.ledger.transaction(() => {
        for (const [promptId, candidates] of groups)
          recordChoice(opened, promptId, choosePair(candidates, recipe.pairs));
      });
      crashPoint("pairs-written");
      const accepted = opened.count("pairs");
      return Promise.resolve({
        counts: {
          requested: groups.size,
          accepted,
          rejected: groups.size - accepted,
          failed: 0,
        },
        output: null,
      });
    },
  });
  const byId = new Map(judged.map((candidate) => [candidate.rowId, candidate]));
  const dropped: Record<string, number> = {};
  for (const { rule } of stage.read("rejections"))
    dropped[rule] = (dropped[rule] ?? 0) + 1;
  const pairs = [...stage.read("pairs")].map((row) => {
    const chosen = byId.get(row.chosenId) as JudgedCandidate;
    const rejected = byId.get(row.rejectedId) as JudgedCandidate;
    return {
      rowId: row.id,
      promptId: row.promptId,
      prompt: chosen.prompt,
      chosen,
      rejected,
    };
  });
  return { pairs, dropped };
}

/** One row for each prompt: its pair, or the rule that stopped it. */
function recordChoice(stage: Stage, promptId: number, choice: Choice): void {
  const key = `prompt-${promptId}`;
  if ("rule" in choice) {
    stage.insert("rejections", [
      { key, subject: "pair", subjectId: promptId, rule: choice.rule },
    ]);
    return;
  }
  const { chosen, rejected } = choice;
  const [chosenScore, rejectedScore] = [chosen.score ?? 0, rejected.score ?? 0];
  stage.insert("pairs", [
    {
      key,
      promptId,
      chosenId: chosen.rowId,
      rejectedId: rejected.rowId,
      chosenScore,
      rejectedScore,
      margin: chosenScore - rejectedScore,
    },
  ]);
}

/** Candidates of each prompt, prompts and candidates in the order given. */
export function groupByPrompt<T extends { readonly promptId: number }>(
  candidates: readonly T[],
): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const candidate of candidates) {
    const group = groups.get(candidate.promptId);
    if (group === undefined) groups.set(candidate.promptId, [candidate]);
    else group.push(candidate);
  }
  return groups;
}
