/**
 * @file Classification and instances: one question for each accepted instruction,
 * answered in any order, written down in the instructions' order.
 *
 * A question that the endpoint refuses stays refused. One that was given up for
 * something that may pass is a failure in the books of this run, and asked again by
 * the next.
 *
 * Paper: section 2.2, classification task identification and instance generation.
 */
import { settledAll } from "../../answers/settled-all.js";
import { GIVEN_UP, REFUSED } from "../../instruct/stages.js";
import type { AutodidactError } from "../../foundation/error.js";
import type {
  Completion,
  GenerationRequest,
} from "../../generation/language-model.js";
import type { Stage } from "../../ledger/stage.js";
import type { Counts } from "../../ledger/stage-counts.js";
import { refusalOf } from "../../generation/request-refusal.js";
import { orderedWindow } from "../../instruct/ordered-window.js";
import type { InstructContext } from "./instruct-context.js";
import {
  countsOf,
  runStage,
  stageProgress,
  stopIfAsked,
  type Tally,
} from "../run/run-stage.js";

/** Questions in flight; the endpoint's client decides how many are sent at once. */
const QUESTIONS_IN_FLIGHT = 256;

export interface Question {
  /** Unique in the stage; row keys begin with it. */
  readonly key: string;
  /** At least one; the same question asked several times. */
  readonly requests: readonly GenerationRequest[];
  /** What was asked about, for the record of a refusal. */
  readonly subject: "classification" | "instance";
  readonly text: string;
  readonly promptId: number;
}

/** What a stage of questions asks, and how it writes down what comes back. */
interface QuestionStep<Q extends Question> {
  readonly name: string;
  readonly title: string;
  /** One for each instruction. */
  readonly questions: readonly Q[];
  /** Writes the rows of one question's completions, one for each request, in a transaction. */
  readonly commit: (
    stage: Stage,
    asked: {
      readonly question: Q;
      readonly completions: readonly Completion[];
    },
    tally: Tally,
  ) => void;
}

/** A stage that asks the author its questions. */
export async function questionStage<Q extends Question>(
  context: InstructContext,
  step: QuestionStep<Q>,
): Promise<Stage> {
  const { author, prompts } = context;
  const { stage } = await runStage(context, {
    name: step.name,
    title: step.title,
    inputs: { model: author.identity, prompts: prompts.id },
    work: async (opened) => ({
      counts: await askQuestions(context, opened, step),
      output: null,
    }),
  });
  return stage;
}

async function askQuestions<Q extends Question>(
  { ledger, author, emit, signal }: InstructContext,
  stage: Stage,
  { questions, commit }: QuestionStep<Q>,
): Promise<Counts> {
  const tally: Tally = { accepted: 0, rejected: 0, failed: 0 };
  await orderedWindow({
    lag: () => QUESTIONS_IN_FLIGHT - 1,
    start: (index) => {
      stopIfAsked(signal);
      const question = questions[index];
      if (question === undefined) return undefined;
      const refused = stage.find("rejections", refusalKey(question));
      return refused === undefined
        ? settledAll(question.requests.map((request) => author.ask(request)))
        : Promise.resolve(null);
    },
    commit: (index, replies) => {
      const question = questions[index] as Q;
      ledger.transaction(() => {
        const refused = replies?.find((reply) => "refusal" in reply);
        if (replies === null) tally.failed++;
        else if (refused !== undefined && "refusal" in refused) {
          tally.failed++;
          recordFailure(stage, question, refused.refusal);
        } else {
          const completions = replies.flatMap((reply) =>
            "completion" in reply ? [reply.completion] : [],
          );
          commit(stage, { question, completions }, tally);
        }
      });
      emit(stageProgress(stage, [index + 1, questions.length], "instructions"));
    },
  });
  return countsOf(tally);
}

function recordFailure(
  stage: Stage,
  question: Question,
  refusal: AutodidactError,
): void {
  const givenUp = refusalOf(refusal) === "may-pass";
  stage.insert("rejections", [
    {
      key: givenUp ? `${question.key}/given-up` : refusalKey(question),
      subject: question.subject,
      subjectId: question.promptId,
      text: question.text,
      rule: givenUp ? GIVEN_UP : REFUSED,
      evidence: { code: refusal.code, message: refusal.message },
    },
  ]);
}

function refusalKey(question: Question): string {
  return `${question.key}/refused`;
}
