/**
 * @file What a run will take, from its own first requests.
 *
 * The probe asks exactly what the run asks first, so nothing it buys is wasted: the
 * run finds the answers in the ledger. It changes no pool and writes no row.
 */
import type { CallTotals } from "../../ledger/call-cache.js";
import { answersSeen, bootstrapLag } from "./bootstrap-lag.js";
import { classificationQuestion } from "./classification-stage.js";
import { instanceQuestion } from "./instance-stage.js";
import type { InstructionJudge } from "./instruction-judge.js";
import {
  answered,
  instructionRequest,
  judgeFor,
  modelSource,
} from "./instruction-stage.js";
import { orderedWindow } from "./ordered-window.js";
import type { InstructContext } from "./run-context.js";
import { firstRequests } from "./settings.js";

export interface RunEstimate {
  /** Requests for instructions that were tried. */
  readonly probed: number;
  /** Instructions accepted out of them. */
  readonly accepted: number;
  /** Absent when the probe accepted nothing: then nothing can be said. */
  readonly expected?: {
    readonly requests: number;
    readonly tokens: number;
    /** Millionths of a dollar; 0 where nothing is charged. */
    readonly costMicros: number;
  };
}

/** Accepted instructions that are classified and given instances. */
const PROBE_QUESTIONS = 4;

/** Tries the first requests of the run. Costs what they cost, once. */
export async function probe(context: InstructContext): Promise<RunEstimate> {
  const { settings } = context;
  const before = context.ledger.calls.totals();
  const probed = firstRequests(settings);
  const accepted = await probeInstructions(context, probed);
  const between = context.ledger.calls.totals();
  const asked = accepted.slice(0, Math.min(PROBE_QUESTIONS, settings.accept));
  await probeQuestions(context, asked);
  const after = context.ledger.calls.totals();
  if (accepted.length === 0 || asked.length === 0) {
    return { probed, accepted: 0 };
  }
  // What the probe has sent is sent, even where less would have done.
  const instructionRequests = Math.max(
    probed,
    Math.ceil((settings.accept * probed) / accepted.length),
  );
  const scale = (first: number, second: number): number =>
    Math.ceil(
      (first * instructionRequests) / probed +
        (second * settings.accept) / asked.length,
    );
  return {
    probed,
    accepted: accepted.length,
    expected: {
      requests:
        instructionRequests + (1 + settings.instanceAnswers) * settings.accept,
      tokens: scale(tokens(between, before), tokens(after, between)),
      costMicros: scale(between.cost - before.cost, after.cost - between.cost),
    },
  };
}

async function probeInstructions(
  context: InstructContext,
  requests: number,
): Promise<readonly string[]> {
  const { asker, prompts, settings } = context;
  const { inFlight } = settings;
  // The yield, not the place where the run is full.
  const judge: InstructionJudge = judgeFor({
    ...context,
    settings: { ...settings, accept: Number.MAX_SAFE_INTEGER },
  });
  const source = modelSource(context, judge);
  const accepted: string[] = [];
  /** Accepted instructions after each answer. */
  const sizes: number[] = [];
  await orderedWindow({
    lag: (index) => bootstrapLag(index, inFlight),
    start: (index) => {
      if (index >= requests) return undefined;
      const visible = sizes[answersSeen(index, inFlight) - 1] ?? 0;
      const examples = source.examples(index, visible);
      return asker.ask(instructionRequest(context, index, examples));
    },
    commit: (_, reply) => {
      answered(reply);
      if ("completion" in reply) {
        const { text, finishReason } = reply.completion;
        const parsed = prompts.readInstructions({ text, finishReason });
        for (const piece of judge.judge(parsed)) {
          if (piece.accepted) accepted.push(piece.instruction);
        }
      }
      sizes.push(accepted.length);
    },
  });
  return accepted;
}

async function probeQuestions(
  context: InstructContext,
  instructions: readonly string[],
): Promise<void> {
  const { asker, prompts } = context;
  await Promise.all(
    instructions.map(async (instruction) => {
      const asked = { rowId: 0, instruction };
      const [question] = classificationQuestion(context, asked).requests;
      if (question === undefined) return;
      const reply = await asker.ask(question);
      if ("refusal" in reply) return;
      const answer = prompts.readClassification(reply.completion);
      if (!answer.accepted) return;
      const { isClassification } = answer;
      const { requests } = instanceQuestion(context, {
        ...asked,
        isClassification,
      });
      await Promise.all(requests.map((request) => asker.ask(request)));
    }),
  );
}

function tokens(after: CallTotals, before: CallTotals): number {
  return after.tokensIn + after.tokensOut - before.tokensIn - before.tokensOut;
}
