/**
 * @file Judge data made in the run: a model taught on the rows there are judges answers
 * whose order is known, and M1 learns from the judgements that follow the order
 * (Self-Rewarding, section 3.1; with a verifier in people's place, Self-Taught
 * Evaluators, arXiv 2408.02666). Every answer is judged alone, so there is no order of
 * two answers that could sway the judge.
 */
import { randomStream } from "../../foundation/random.js";
import type { Row } from "../../ledger/records.js";
import type { SelfRewardingRecipe } from "../../recipes/self-rewarding.js";
import type { JudgeDataReport } from "../../reporting/self-rewarding/schema.js";
import {
  agreeingSample,
  withoutCommonScores,
} from "../../rewarding/agreeing-judgements.js";
import { groupByPrompt, type Candidate } from "../../rewarding/candidate.js";
import { counted } from "../../text/number-words.js";
import type { TrainedModel } from "../run/model-stages.js";
import { countsOfKept, runStage } from "../run/run-stage.js";
import { candidatesOf, candidateStage } from "./candidate-stage.js";
import type { RankedText } from "./judge-data-file.js";
import { recordJudgements } from "./judgement-stage.js";
import { teachStage } from "./model-stages.js";
import {
  recordedPrompts,
  takenPrompts,
  type WrittenPrompt,
} from "./prompt-stage.js";
import { judgeBy, judgeSettings } from "./reward.js";
import type { RunContext } from "./run-context.js";
import { teachingRows, type MadeEftRow } from "./teaching-rows.js";

type Keys = NonNullable<SelfRewardingRecipe["judgeData"]>;

const NAME = "judge-data";

/** The model that judges here. */
export const JUDGE_DATA_AUTHOR = `${NAME}-author`;

/** Its stages, where the recipe makes judge data. */
export const JUDGE_DATA_STAGES = [
  `${NAME}/author`,
  `${NAME}/prompts`,
  `${NAME}/answers`,
  `${NAME}/scores`,
  `${NAME}/rows`,
] as const;

export interface MadeJudgeData {
  readonly rows: readonly MadeEftRow[];
  readonly counts: JudgeDataReport;
}

/** An answer with its place among those to the same prompt. */
type OrderedAnswer = Candidate & { readonly rank: number };

export async function makeJudgeData(
  context: RunContext,
  base: TrainedModel,
  keys: Keys,
): Promise<MadeJudgeData> {
  const { data, recipe } = context;
  const author = await teachStage(
    context,
    base,
    teachingRows(context, recipe.seed),
    { id: JUDGE_DATA_AUTHOR, name: `${NAME}/author` },
  );
  const known = data.judgeData?.prompts ?? [];
  const { stage } = await runStage(context, {
    ...takenPrompts(`${NAME}/prompts`, known),
    title: `${counted(known.length, "prompt")} for judge data`,
  });
  const prompts = recordedPrompts(stage);
  const ranked = data.judgeData?.answers ?? null;
  const candidates =
    ranked === null
      ? await candidateStage(context, {
          name: `${NAME}/answers`,
          purpose: [NAME],
          settings: { ...recipe.candidates, n: keys.answers },
          ...{ author, prompts },
        })
      : await rankedStage(context, prompts, ranked);
  const rankings =
    ranked === null
      ? rightAgainstWrong(context, candidates)
      : orderedAs(candidates, ranked);
  const judgements = await scoreStage(context, { author, keys, rankings });
  return rowStage(context, {
    ...{ rankings, judgements, source: keys.source },
    prompts: prompts.length,
    answers: candidates.length,
  });
}

/** Answers that people ranked, as they stand in the file. */
async function rankedStage(
  context: RunContext,
  prompts: readonly WrittenPrompt[],
  ranked: readonly (readonly RankedText[])[],
): Promise<readonly Candidate[]> {
  const answers = ranked.flatMap((texts, i) =>
    texts.map(({ text }, sampleIndex) => ({
      key: `${i}/${sampleIndex}`,
      promptId: prompts[i]?.rowId ?? 0,
      sampleIndex,
      text,
      tokens: 0,
      finishReason: "stop" as const,
      mergedCount: 1,
    })),
  );
  const { stage } = await runStage(context, {
    name: `${NAME}/answers`,
    title: `${counted(answers.length, "ranked answer")} of the recipe's file`,
    inputs: ranked,
    work: (opened) => {
      opened.insert("candidates", answers);
      return { counts: countsOfKept(answers.length), output: null };
    },
  });
  return candidatesOf(stage, prompts);
}

/** Of each prompt that has both, the first right answer and the first wrong one. */
function rightAgainstWrong(
  { verifier }: RunContext,
  candidates: readonly Candidate[],
): OrderedAnswer[][] {
  return [...groupByPrompt(candidates).values()].flatMap((answers) => {
    const of = (correct: boolean, rank: number): OrderedAnswer[] =>
      answers
        .filter(
          ({ prompt, text, finished }) =>
            verifier?.verify({ prompt }, text, finished)?.correct === correct,
        )
        .slice(0, 1)
        .map((answer) => ({ ...answer, rank }));
    const pair = [...of(true, 0), ...of(false, 1)];
    return pair.length === 2 ? [pair] : [];
  });
}

/** The answers of each prompt whose ranks differ; candidates stand as in the file. */
function orderedAs(
  candidates: readonly Candidate[],
  ranked: readonly (readonly RankedText[])[],
): OrderedAnswer[][] {
  const ranks = ranked.flat();
  const ordered = candidates.map((answer, i) => ({
    ...answer,
    rank: ranks[i]?.rank ?? 0,
  }));
  return [...groupByPrompt(ordered).values()].filter(
    (answers) => new Set(answers.map(({ rank }) => rank)).size > 1,
  );
}

async function scoreStage(
  context: RunContext,
  step: {
    readonly author: TrainedModel;
    readonly keys: Keys;
    readonly rankings: readonly (readonly OrderedAnswer[])[];
  },
): Promise<Row<"judgements">[]> {
  const { host, signal } = context;
  const { author, keys } = step;
  const candidates = step.rankings.flat();
  const settings = {
    ...judgeSettings(context, NAME),
    reward: "samples" as const,
    samples: keys.samples,
    secondTry: false,
  };
  const { stage } = await runStage(context, {
    name: `${NAME}/scores`,
    title: `${author.id} judges ${counted(candidates.length, "answer")} of known order`,
    inputs: {
      judge: author.weightHash,
      settings,
      candidates: candidates.map(({ text }) => text),
    },
    work: async (opened) => {
      await host.withModel(author.path, (model) =>
        recordJudgements(context, {
          ...{ stage: opened, candidates },
          judge: judgeBy(model, settings, { signal }),
          by: { judge: NAME, judgeModelId: author.rowId },
        }),
      );
      const readable = opened.read("judgements", { where: { kind: "score" } });
      const scored = new Set([...readable].map((row) => row.candidateId));
      return {
        counts: countsOfKept(candidates.length, scored.size),
        output: null,
      };
    },
  });
  return [...stage.read("judgements")];
}

/** Keeps the judgements that follow the order, and records why others fell out. */
async function rowStage(
  context: RunContext,
  step: Pick<JudgeDataReport, "source" | "prompts" | "answers"> & {
    readonly rankings: readonly (readonly OrderedAnswer[])[];
    readonly judgements: readonly Row<"judgements">[];
  },
): Promise<MadeJudgeData> {
  const { rankings, judgements, ...taken } = step;
  const samplesOf = new Map<number, Row<"judgements">[]>();
  for (const row of judgements)
    samplesOf.set(row.candidateId, [
      ...(samplesOf.get(row.candidateId) ?? []),
      row,
    ]);
  const verdicts = rankings.map((answers) =>
    agreeingSample(
      answers.map(({ rowId, prompt, text: response, rank }) => ({
        ...{ prompt, response, rank },
        samples: samplesOf.get(rowId) ?? [],
      })),
    ),
  );
  const rows = verdicts.flatMap((verdict, i) =>
    Array.isArray(verdict)
      ? verdict.map((row, j) => ({
          ...row,
          candidateId: rankings[i]?.[j]?.rowId ?? 0,
        }))
      : [],
  );
  const random = randomStream(context.recipe.seed, NAME);
  const kept = withoutCommonScores(rows, random);
  const agreeing = verdicts.filter(Array.isArray).length;
  await runStage(context, {
    name: `${NAME}/rows`,
    title: `${counted(kept.length, "EFT row")} of ${counted(rankings.length, "ranking")}`,
    inputs: judgements.map(({ raw }) => raw),
    work: (stage) => {
      stage.insert("rejections", [
        ...verdicts.flatMap((verdict, i) =>
          Array.isArray(verdict)
            ? []
            : [rejected("prompt", rankings[i]?.[0]?.promptId ?? 0, verdict)],
        ),
        ...rows
          .filter((row) => !kept.includes(row))
          .map((row) => rejected("candidate", row.candidateId, "common-score")),
      ]);
      return { counts: countsOfKept(rankings.length, agreeing), output: null };
    },
  });
  const scores: Record<string, number> = {};
  for (const { score } of kept) scores[score] = (scores[score] ?? 0) + 1;
  return {
    rows: kept,
    counts: {
      ...taken,
      rankings: rankings.length,
      judgements: judgements.length,
      malformed: judgements.filter(({ kind }) => kind === "malformed").length,
      agreeing,
      unread: verdicts.filter((verdict) => verdict === "unread").length,
      rows: rows.length,
      kept: kept.length,
      scores,
    },
  };
}

function rejected(subject: string, subjectId: number, rule: string) {
  return { key: `${subject}-${subjectId}`, subject, subjectId, rule };
}
