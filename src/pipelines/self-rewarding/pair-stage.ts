/**
 * @file Preference pairs of a round, by the rule of the recipe. A prompt that gives no
 * pair is recorded with what stopped it.
 */
import { crashPoint } from "../../foundation/crash-point.js";
import type { Stage } from "../../ledger/stage.js";
import {
  groupByPrompt,
  type JudgedCandidate,
} from "../../rewarding/candidate.js";
import type { PairChoice } from "../../rewarding/pair-rules/pair-rule.js";
import { choosePair } from "../../rewarding/pair-rules/pair-rules.js";
import { countsOfKept, runStage } from "../run/run-stage.js";
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
      return { counts: countsOfKept(groups.size, accepted), output: null };
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
function recordChoice(
  stage: Stage,
  promptId: number,
  choice: PairChoice<JudgedCandidate>,
): void {
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
