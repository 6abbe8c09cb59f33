/**
 * @file Every candidate is judged; malformed judgements and abstentions are recorded
 * as what they are and never become a score.
 */
import { counted } from "../../text/number-words.js";
import { crashPoint } from "../../foundation/crash-point.js";
import type { Judgement } from "../../rewarding/judgement.js";
import type { Stage } from "../../ledger/stage.js";
import { runStage, stopIfAsked } from "../run/run-stage.js";
import type { Candidate, JudgedCandidate } from "../../rewarding/candidate.js";
import { rewardSource } from "../../rewarding/sources/reward-sources.js";
import { judgeOf, withJudge, type Judges } from "./reward.js";
import type { RunContext } from "./run-context.js";

/** Candidates judged and recorded together. */
const CHUNK = 1024;

/** Scores of all candidates of a round. */
export async function judgementStage(
  context: RunContext,
  round: Judges,
  candidates: readonly Candidate[],
): Promise<{
  readonly judged: readonly JudgedCandidate[];
  readonly malformed: number;
}> {
  const { recipe, ledger } = context;
  const source = rewardSource(recipe.judge.source);
  const name = source.judge === null ? source.called : round[source.judge].id;
  const { stage } = await runStage(context, {
    name: `round-${round.number}/judgements`,
    title: `${name} judges ${counted(candidates.length, "answer")}`,
    inputs: {
      judge: (judgeOf(context, round) ?? round.author).weightHash,
      settings: recipe.judge,
      candidates: candidates.map(({ text }) => text),
    },
    work: async (opened) => {
      await writeJudgements(context, { stage: opened, round, candidates });
      let accepted = 0;
      for (const { kind } of opened.read("judgements"))
        accepted += Number(kind === "score");
      const requested = candidates.length;
      return {
        counts: {
          requested,
          accepted,
          rejected: requested - accepted,
          failed: 0,
        },
        output: null,
      };
    },
  });
  const rows = new Map(
    [...ledger.read("judgements", { stage: stage.name })].map((row) => [
      row.candidateId,
      row,
    ]),
  );
  const judged = candidates.map((candidate) => {
    const row = rows.get(candidate.rowId);
    const evidence = row?.probabilities as
      { readonly rationale?: string | null } | null | undefined;
    return {
      ...candidate,
      score: row?.score ?? null,
      rationale: evidence?.rationale ?? null,
    };
  });
  const malformed = [...rows.values()].filter(
    ({ kind }) => kind === "malformed",
  ).length;
  return { judged, malformed };
}

async function writeJudgements(
  context: RunContext,
  step: {
    readonly stage: Stage;
    readonly round: Judges;
    readonly candidates: readonly Candidate[];
  },
): Promise<void> {
  const { recipe, emit, signal } = context;
  const { stage, round, candidates } = step;
  const { source } = recipe.judge;
  const judgeModelId = judgeOf(context, round)?.rowId ?? null;
  await withJudge(context, round, async (judge) => {
    for (let first = 0; first < candidates.length; first += CHUNK) {
      stopIfAsked(signal);
      const chunk = candidates.slice(first, first + CHUNK);
      if (stage.find("judgements", String(chunk[0]?.rowId)) === undefined) {
        const judgements = await judge(chunk);
        crashPoint("judgements-chunk");
        stage.insert(
          "judgements",
          chunk.map(({ rowId }, i) => ({
            key: String(rowId),
            candidateId: rowId,
            judge: source,
            judgeModelId,
            sampleIndex: 0,
            ...recorded(judgements[i] as Judgement),
          })),
        );
      }
      emit({
        type: "stage-progress",
        stage: stage.name,
        done: Math.min(candidates.length, first + CHUNK),
        total: candidates.length,
        unit: "answers",
      });
    }
  });
  crashPoint("judgements-written");
}

function recorded(judgement: Judgement) {
  if (judgement.kind !== "score")
    return { raw: judgement.raw, kind: judgement.kind };
  const { raw, score, variance, probabilities, rationale } = judgement;
  return {
    raw,
    kind: "score" as const,
    score,
    variance,
    probabilities: { probabilities, rationale },
  };
}
