/**
 * @file Every candidate is judged, and every sample of the judge is a row as it was
 * written; malformed judgements and abstentions are recorded as what they are and never
 * become a score. What the samples amount to is computed where they are read.
 */
import { counted } from "../../text/number-words.js";
import { crashPoint } from "../../foundation/crash-point.js";
import type { Row } from "../../ledger/records.js";
import type { Stage } from "../../ledger/stage.js";
import type { Candidate, JudgedCandidate } from "../../rewarding/candidate.js";
import { averageJudgements } from "../../rewarding/judgement.js";
import { rewardSource } from "../../rewarding/sources/reward-sources.js";
import {
  countsOfKept,
  inChunks,
  runStage,
  type StageContext,
} from "../run/run-stage.js";
import {
  judgeOf,
  withJudge,
  type Judge,
  type JudgeContext,
  type Judges,
} from "./reward.js";

/** Candidates judged and recorded together. */
const CHUNK = 1024;

/** What a judge made of a round's candidates. */
export interface Judged {
  readonly judged: readonly JudgedCandidate[];
  /** Samples taken. */
  readonly judgements: number;
  /** Samples that could not be read. */
  readonly malformed: number;
  /** Samples that were read on a second try only. */
  readonly constrained: number;
}

/** Scores of all candidates of a round. */
export async function judgementStage(
  context: JudgeContext & StageContext,
  round: Judges,
  candidates: readonly Candidate[],
): Promise<Judged> {
  const { recipe } = context;
  const source = rewardSource(recipe.judge.source);
  const judge = judgeOf(context, round);
  const { endpoint } = recipe.judge;
  const outside = source.judge === "endpoint" ? endpoint : undefined;
  const name =
    source.judge === null ? source.called : (judge?.id ?? outside?.model ?? "");
  const { stage } = await runStage(context, {
    name: `round-${round.number}/judgements`,
    title: `${name} judges ${counted(candidates.length, "answer")}`,
    inputs: {
      judge: outside ?? (judge ?? round.author).weightHash,
      settings: recipe.judge,
      candidates: candidates.map(({ text }) => text),
    },
    work: async (opened) => {
      await writeJudgements(context, { stage: opened, round, candidates });
      const requested = candidates.length;
      const accepted = judgedCandidates(
        candidates,
        opened.read("judgements"),
      ).filter(({ score }) => score !== null).length;
      return { counts: countsOfKept(requested, accepted), output: null };
    },
  });
  const samples = [...stage.read("judgements")];
  return {
    judged: judgedCandidates(candidates, samples),
    judgements: samples.length,
    malformed: samples.filter(({ kind }) => kind === "malformed").length,
    constrained: samples.filter(({ constrained }) => constrained).length,
  };
}

/** The candidates with what the recorded samples of each amount to. */
function judgedCandidates(
  candidates: readonly Candidate[],
  samples: Iterable<Row<"judgements">>,
): JudgedCandidate[] {
  const byCandidate = new Map<number, Row<"judgements">[]>();
  for (const row of samples) {
    const known = byCandidate.get(row.candidateId);
    if (known === undefined) byCandidate.set(row.candidateId, [row]);
    else known.push(row);
  }
  return candidates.map((candidate) => {
    const reward = averageJudgements(byCandidate.get(candidate.rowId) ?? []);
    return reward.kind === "score"
      ? { ...candidate, score: reward.score, rationale: reward.rationale }
      : { ...candidate, score: null, rationale: null };
  });
}

async function writeJudgements(
  context: JudgeContext & StageContext,
  step: {
    readonly stage: Stage;
    readonly round: Judges;
    readonly candidates: readonly Candidate[];
  },
): Promise<void> {
  const { stage, round, candidates } = step;
  const by = {
    judge: context.recipe.judge.source,
    judgeModelId: judgeOf(context, round)?.rowId ?? null,
  };
  await withJudge(context, round, (judge) =>
    recordJudgements(context, { stage, candidates, judge, by }),
  );
}

/** Every sample that `judge` gives of the candidates, as a row of the stage. */
export async function recordJudgements(
  context: StageContext,
  step: {
    readonly stage: Stage;
    readonly candidates: readonly Candidate[];
    readonly judge: Judge;
    readonly by: Pick<Row<"judgements">, "judge" | "judgeModelId">;
  },
): Promise<void> {
  const { stage, candidates, judge, by } = step;
  await inChunks(context, {
    stage,
    items: candidates,
    size: CHUNK,
    unit: "answers",
    isThere: ({ rowId }) =>
      stage.find("judgements", `${rowId}/0`) !== undefined,
    lanes: judge.lanes,
    ask: judge.samples,
    keep: (chunk, judgements) => {
      crashPoint("judgements-chunk");
      stage.insert(
        "judgements",
        chunk.flatMap(({ rowId }, i) =>
          (judgements[i] ?? []).map((sample, sampleIndex) => ({
            key: `${rowId}/${sampleIndex}`,
            candidateId: rowId,
            ...by,
            sampleIndex,
            constrained: false,
            ...sample,
          })),
        ),
      );
    },
  });
  crashPoint("judgements-written");
}
