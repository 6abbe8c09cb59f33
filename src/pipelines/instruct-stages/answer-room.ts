/**
 * @file The room that a model's context leaves for answers. The paper's maxima are for
 * a context of thousands of tokens; a smaller model answers as far as its context goes.
 *
 * A maximum of tokens is lowered to what the prompt leaves, below the record of
 * answers: a request is known by what was asked for, and the context is part of the
 * model's identity. So replays need no model, and the same request has one answer.
 */
import type { TemplateFields } from "../../data/records.js";
import { count } from "../../text/number-words.js";
import { AutodidactError } from "../../foundation/error.js";
import type {
  GenerationRequest,
  LanguageModel,
  ModelContext,
} from "../../generation/language-model.js";
import { wrapped } from "../../generation/wrapped.js";

/** Tokens below which an answer is not worth asking for: a short instruction. */
const LEAST_ANSWER = 16;

/**
 * `model`, whose answers end at the latest where its context does. A request whose prompt
 * leaves no room is refused, and all that are made in one call with it.
 */
export function withinContext(model: LanguageModel): LanguageModel {
  const { context } = model;
  if (context === undefined) return model;
  return wrapped(model, {
    generate: async (requests, options) =>
      model.generate(
        await Promise.all(
          requests.map(async (request) => {
            const room = await roomAfter(request, context);
            if (room < leastAnswer(request))
              throw noRoom(request, room, context);
            return { ...request, maxTokens: Math.min(request.maxTokens, room) };
          }),
        ),
        options,
      ),
  });
}

/** Tokens that the prompt leaves; below 1 when it is itself too long. */
export async function roomAfter(
  request: Pick<GenerationRequest, "prompt"> & TemplateFields,
  context: ModelContext,
): Promise<number> {
  return context.length - (await context.promptTokens(request.prompt, request));
}

/** Tokens that an answer to `request` needs at the least. */
export function leastAnswer({
  maxTokens,
}: Pick<GenerationRequest, "maxTokens">): number {
  return Math.min(maxTokens, LEAST_ANSWER);
}

/** Why `request` cannot be asked of a model with this context. */
function noRoom(
  request: GenerationRequest,
  room: number,
  { length }: ModelContext,
): AutodidactError {
  const least = leastAnswer(request);
  return new AutodidactError(
    "BAD_INPUT",
    `A prompt has ${count(length - room)} tokens and its answer needs ${least} at the least, but the model's context has ${count(length)}. Use a model with a longer context.`,
    { refusal: "final", promptTokens: length - room, least, limit: length },
  );
}
