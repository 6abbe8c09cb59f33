/**
 * @file What a run will take, from its own first requests.
 *
 * The probe asks exactly what the run asks first, so nothing it buys is wasted: the
 * run finds the answers in the ledger. It changes no pool and writes no row. What it
 * measured is noted in the ledger, so that a run that goes on knows it as well.
 */
import { settledAll } from "../../answers/settled-all.js";
import { AutodidactError } from "../../foundation/error.js";
import type { GenerationRequest } from "../../generation/language-model.js";
import type { Ledger } from "../../ledger/ledger.js";
import { answersSeen, bootstrapLag } from "../../instruct/bootstrap-lag.js";
import { classificationQuestion } from "../instruct-stages/classification-stage.js";
import { instanceQuestion } from "../instruct-stages/instance-stage.js";
import {
  filterFor,
  modelSource,
  replyResult,
} from "../instruct-stages/instruction-source.js";
import { orderedWindow } from "../../instruct/ordered-window.js";
import type { RunEstimate } from "../../reporting/instruct/schema.js";
import type { InstructContext } from "../instruct-stages/instruct-context.js";
import {
  firstRequests,
  type ResolvedSettings,
} from "../../recipes/instruct.js";

/** Accepted instructions that are classified and given instances. */
const PROBE_QUESTIONS = 4;

/** What something took. */
interface Used {
  readonly tokens: number;
  readonly costMicros: number;
}

/** What the probe found. */
interface ProbeMeasure {
  readonly probed: number;
  readonly accepted: number;
  /** Instructions of them that were classified and given instances. */
  readonly asked: number;
  /** By the requests for instructions. */
  readonly instructions: Used;
  /** By the questions about them. */
  readonly questions: Used;
}

/** Note: the requests for instructions are answered, and took this. */
const INSTRUCTIONS_PROBED = "probe-instructions";
/** Note: the probe is done, and this is its measure. */
const PROBED = "probe";

/** The estimate of a run whose probe is done; undefined before. */
export function keptEstimate({
  ledger,
  settings,
}: Pick<InstructContext, "ledger" | "settings">): RunEstimate | undefined {
  const measure = ledger.noted(PROBED) as ProbeMeasure | undefined;
  return measure === undefined ? undefined : estimateFrom(measure, settings);
}

/**
 * Tries the first requests of the run, or goes on with a probe that was stopped. Costs
 * what they cost, once.
 * @throws ENDPOINT when one was given up or the model's context is too short for the
 *   first, and as the model does
 */
export async function probe(context: InstructContext): Promise<RunEstimate> {
  const { ledger, settings } = context;
  const probed = firstRequests(settings);
  const accepted = await probeInstructions(context, probed);
  // Until the probe is done, nothing but the probe has used anything.
  let instructions = ledger.noted(INSTRUCTIONS_PROBED) as Used | undefined;
  if (instructions === undefined) {
    instructions = usedSoFar(ledger);
    ledger.note(INSTRUCTIONS_PROBED, instructions);
  }
  const asked = await probeQuestions(context, accepted);
  const all = usedSoFar(ledger);
  const measure: ProbeMeasure = {
    probed,
    accepted: accepted.length,
    asked,
    instructions,
    questions: {
      tokens: all.tokens - instructions.tokens,
      costMicros: all.costMicros - instructions.costMicros,
    },
  };
  ledger.note(PROBED, measure);
  return estimateFrom(measure, settings);
}

function estimateFrom(
  { probed, accepted, asked, instructions, questions }: ProbeMeasure,
  settings: ResolvedSettings,
): RunEstimate {
  if (accepted === 0 || asked === 0) return { probed, accepted: 0 };
  // What the probe has sent is sent, even where less would have done.
  const instructionRequests = Math.max(
    probed,
    Math.ceil((settings.accept * probed) / accepted),
  );
  const scale = (first: number, second: number): number =>
    Math.ceil(
      (first * instructionRequests) / probed +
        (second * settings.accept) / asked,
    );
  return {
    probed,
    accepted,
    expected: {
      requests:
        instructionRequests + (1 + settings.instanceAnswers) * settings.accept,
      tokens: scale(instructions.tokens, questions.tokens),
      costMicros: scale(instructions.costMicros, questions.costMicros),
    },
  };
}

async function probeInstructions(
  context: InstructContext,
  requests: number,
): Promise<readonly string[]> {
  const { prompts, settings } = context;
  const { inFlight } = settings;
  // The yield, not the place where the run is full.
  const filter = filterFor({
    ...context,
    settings: { ...settings, accept: Number.MAX_SAFE_INTEGER },
  });
  const source = modelSource(context, filter);
  const accepted: string[] = [];
  /** Accepted instructions after each answer. */
  const sizes: number[] = [];
  await orderedWindow({
    lag: (index) => bootstrapLag(index, inFlight),
    start: (index) => {
      if (index >= requests) return undefined;
      const visible = sizes[answersSeen(index, inFlight) - 1] ?? 0;
      const examples = source.examples(index, visible);
      return source.ask(index, examples);
    },
    commit: (index, asked) => {
      const reply = replyResult(index, asked);
      if (reply !== undefined && "completion" in reply) {
        const { text, finishReason } = reply.completion;
        const parsed = prompts.readInstructions({ text, finishReason });
        for (const piece of filter.filter(parsed)) {
          if (piece.accepted) accepted.push(piece.instruction);
        }
      }
      sizes.push(accepted.length);
    },
  });
  return accepted;
}

/**
 * Puts the first instructions through the stages that come after, and one more at a time
 * for as long as none has come through them all: what a server refuses is found here and
 * not when everything before it is bought.
 * @returns how many were asked about and not refused
 * @throws the refusal of a stage that no instruction came through
 */
async function probeQuestions(
  context: InstructContext,
  instructions: readonly string[],
): Promise<number> {
  const first = Math.min(PROBE_QUESTIONS, context.settings.accept);
  const ends: StagesEnd[] = [];
  while (ends.length < instructions.length) {
    const next = instructions.slice(
      ends.length,
      Math.max(first, ends.length + 1),
    );
    ends.push(
      ...(await settledAll(next.map((each) => throughStages(context, each)))),
    );
    if (ends.includes("through")) break;
    const refusal = ends.find((end) => typeof end === "object");
    const enough = Math.min(PROBE_QUESTIONS, instructions.length);
    if (refusal !== undefined && ends.length >= enough)
      throw refusedByStage(refusal);
  }
  return ends.filter((end) => typeof end === "string").length;
}

/** How far one instruction came: the refusal is of the stage that did not answer. */
type StagesEnd =
  | "through"
  | "unreadable"
  | { readonly stage: string; readonly refusal: AutodidactError };

async function throughStages(
  context: InstructContext,
  instruction: string,
): Promise<StagesEnd> {
  const { author, prompts } = context;
  const asked = { rowId: 0, instruction };
  const ask = async (requests: readonly GenerationRequest[]) =>
    settledAll(requests.map((request) => author.ask(request)));
  const [kind] = await ask(classificationQuestion(context, asked).requests);
  if (kind === undefined) return "unreadable";
  if ("refusal" in kind) return { stage: "sorting", refusal: kind.refusal };
  const answer = prompts.readClassification(kind.completion);
  if (!answer.accepted) return "unreadable";
  const { isClassification } = answer;
  const replies = await ask(
    instanceQuestion(context, { ...asked, isClassification }).requests,
  );
  for (const reply of replies)
    if ("refusal" in reply)
      return { stage: "instances", refusal: reply.refusal };
  return "through";
}

function refusedByStage({
  stage,
  refusal,
}: Exclude<StagesEnd, string>): AutodidactError {
  return new AutodidactError(
    refusal.code,
    `No request for ${stage} was answered, so nothing more is asked for: no row would come of it. ${refusal.message}`,
    { ...refusal.details, stage },
    { cause: refusal },
  );
}

function usedSoFar(ledger: Ledger): Used {
  const { tokensIn, tokensOut, cost } = ledger.answers.totals();
  return { tokens: tokensIn + tokensOut, costMicros: cost };
}
