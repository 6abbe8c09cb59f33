/**
 * @file Do a run's prompts fit into the model's context? Asked before the run is
 * recorded, so that the same folder takes another model or other prompts.
 *
 * A run is refused when even its shortest prompts leave no room for an answer. A
 * single prompt that is too long is no reason: its request is counted as failed.
 */
import { count, counted } from "../../text/number-words.js";
import { AutodidactError } from "../../foundation/error.js";
import { hashOf } from "../../foundation/hash.js";
import type { GenerationRequest } from "../../generation/language-model.js";
import { leastAnswer, roomAfter } from "./answer-room.js";
import { classificationQuestion } from "./classification-stage.js";
import { instanceQuestion } from "./instance-stage.js";
import { instructionRequest } from "./instruction-source.js";
import type { InstructContext } from "./instruct-context.js";

/**
 * Does nothing for a model that does not tell its context.
 * @throws BAD_INPUT with the numbers when the prompts of some step leave no room
 */
export async function requireRoomForAnswers(
  context: InstructContext,
): Promise<void> {
  const narrow = (await measure(context, () => 0)).filter(
    ({ request, room }) => room < leastAnswer(request),
  );
  if (narrow.length > 0) throw tooShort(context, narrow);
}

/** Says where answers will be shorter than was asked for, measured on seeds of middle length. */
export async function warnOfShortAnswers(
  context: InstructContext,
): Promise<void> {
  const steps = await measure(context, (seeds, shown) =>
    Math.max(0, (seeds - shown) >> 1),
  );
  const cut = steps.filter(({ request, room }) => room < request.maxTokens);
  const [first] = cut;
  if (first === undefined) return;
  const rooms = cut.map(
    ({ what, room, request }) =>
      `about ${count(Math.max(1, room))} tokens instead of ${count(request.maxTokens)} for ${what}`,
  );
  context.emit({
    type: "warning",
    code: "short-context",
    message: `The model's context has ${counted(first.limit, "token")}, so an answer gets what its prompt leaves: ${rooms.join(", ")}.`,
  });
}

interface Step {
  /** What its answers are, in the plural. */
  readonly what: string;
  readonly request: GenerationRequest;
  /** Tokens that its prompt leaves. */
  readonly room: number;
  /** Tokens of the model's context. */
  readonly limit: number;
}

/** The steps with the seeds from place `from` on, of the seeds in order of length. */
async function measure(
  context: InstructContext,
  from: (seeds: number, shown: number) => number,
): Promise<readonly Step[]> {
  const { seeds, settings, author } = context;
  const limits = author.context;
  if (limits === undefined) return [];
  const shown = settings.examples.seed;
  const measured = await Promise.all(
    seeds.map(async ({ instruction }) => ({
      instruction,
      tokens: await limits.promptTokens(instruction),
    })),
  );
  const byLength = measured
    .sort((a, b) => a.tokens - b.tokens)
    .map(({ instruction }) => instruction);
  const start = from(byLength.length, shown);
  const steps = requestsAbout(context, byLength.slice(start, start + shown));
  return Promise.all(
    steps.map(async (step) => ({
      ...step,
      room: await roomAfter(step.request, limits),
      limit: limits.length,
    })),
  );
}

/** One request of each step, about these instructions. */
function requestsAbout(
  context: InstructContext,
  examples: readonly string[],
): readonly Pick<Step, "what" | "request">[] {
  const asked = { rowId: 0, instruction: examples[0] ?? "" };
  const [sorting] = classificationQuestion(context, asked).requests;
  const [plain, classified] = [false, true].map(
    (isClassification) =>
      instanceQuestion(context, { ...asked, isClassification }).requests[0],
  );
  const steps = [
    {
      what: "new instructions",
      request: instructionRequest(context, 0, examples),
    },
    { what: "sorting", request: sorting },
    { what: "instances", request: plain },
    {
      what: "instances of classification tasks",
      // In some worlds it is the same question.
      request:
        hashOf(plain?.prompt) === hashOf(classified?.prompt)
          ? undefined
          : classified,
    },
  ];
  return steps.flatMap(({ what, request }) =>
    request === undefined ? [] : [{ what, request }],
  );
}

function tooShort(
  { settings, prompts }: InstructContext,
  narrow: readonly Step[],
): AutodidactError {
  const limit = narrow[0]?.limit ?? 0;
  const needs = narrow.map(
    ({ what, request, room }) =>
      `${count(limit - room)} for ${what} (and ${leastAnswer(request)} for an answer)`,
  );
  const remedy =
    settings.language === "nursery"
      ? "or fewer examples (examples.seed and examples.machine in a recipe)"
      : "or prompts of another --language (a model of the nursery needs --language nursery)";
  return new AutodidactError(
    "BAD_INPUT",
    `The model's context of ${count(limit)} tokens is too short for the prompts "${prompts.id}": they have at least ${needs.join(", ")}. Use a model with a longer context, ${remedy}.`,
    { limit, prompts: prompts.id },
  );
}
