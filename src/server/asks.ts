/**
 * @file The fields that both endpoints have as settings of a question, with OpenAI's
 * values for what is left out, and what does not fit the model refused.
 */
import { randomInt } from "node:crypto";
import { ApiError } from "./api-error.js";
import type { SamplingFields } from "./request-fields.js";
import type { Ask, HostedModel } from "./hosted-model.js";

/** Above which no seed is drawn. */
const SEEDS = 2 ** 32;

/** @throws ApiError 404 for another model, 400 for more answers than there are slots */
export function settingsOf(
  model: HostedModel,
  fields: SamplingFields,
): Omit<Ask, "promptIds" | "maxTokens" | "echo" | "alternatives"> {
  if (fields.model !== model.name && fields.model !== model.alias)
    throw new ApiError(
      404,
      `The model '${fields.model}' does not exist; this server has '${model.name}'.`,
      { param: "model", code: "model_not_found" },
    );
  const n = fields.n ?? 1;
  const { slots } = model.decoder;
  if (n > slots)
    throw new ApiError(
      400,
      `'n' is ${n}, and this server writes at most ${slots} answers at once (its option --slots).`,
      { param: "n", code: "invalid_value" },
    );
  return {
    n,
    seed: fields.seed ?? randomInt(SEEDS),
    temperature: fields.temperature ?? 1,
    topP: fields.top_p ?? 1,
    topK: Math.max(0, fields.top_k ?? 0),
    presencePenalty: fields.presence_penalty ?? 0,
    frequencyPenalty: fields.frequency_penalty ?? 0,
    stop: fields.stop ?? [],
  };
}

/**
 * The most tokens of an answer: what is asked for, or else what there is room for.
 * @param asked undefined where the request leaves it open
 * @throws ApiError 400 where prompt and answer are longer than the context
 */
export function roomFor(
  model: HostedModel,
  promptIds: readonly number[],
  asked: number | undefined,
): number {
  const context = model.checkpoint.config.maxPositions;
  const used = promptIds.length;
  const wanted = asked ?? Math.max(1, context - used);
  if (used > 0 && used + wanted <= context) return wanted;
  if (used === 0)
    throw new ApiError(400, "The prompt has no tokens; give at least one.", {
      param: "prompt",
    });
  throw new ApiError(
    400,
    `This model's maximum context length is ${context} tokens. However, you requested ${used + wanted} tokens (${used} in the prompt, ${wanted} in the completion). Please reduce the length of the prompt or of the completion.`,
    { code: "context_length_exceeded" },
  );
}
