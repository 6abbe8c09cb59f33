/**
 * @file What a server's `/models` says, in the dialects of those who answer it.
 */
import { z } from "zod";

export interface ListedModel {
  readonly id: string;
  /** Longest prompt with its answer in tokens; few servers tell. */
  readonly contextLength?: number;
}

const length = z.int().positive().nullish().catch(undefined);

const listShape = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      /** vLLM. */
      max_model_len: length,
      /** OpenRouter and others. */
      context_length: length,
      /** llama.cpp tells what the model was trained with. */
      meta: z.object({ n_ctx_train: length }).nullish().catch(undefined),
    }),
  ),
});

/** The models of a body, or undefined when it is not a list of models. */
export function listModels(body: string): readonly ListedModel[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  const parsed = listShape.safeParse(value);
  if (!parsed.success) return undefined;
  return parsed.data.data.map(({ id, max_model_len, context_length, meta }) => {
    const contextLength =
      max_model_len ?? context_length ?? meta?.n_ctx_train ?? undefined;
    return contextLength === undefined ? { id } : { id, contextLength };
  });
}
