/**
 * @file A model in this process within limits of tokens and requests, as an endpoint is.
 */
import { settledAll } from "../answers/settled-all.js";
import type {
  Completion,
  GenerationRequest,
  LanguageModel,
} from "../generation/language-model.js";
import { wrapped } from "../generation/wrapped.js";
import type { Budget } from "./spending/budget.js";
import type { Price } from "./spending/prices.js";

/** Known: nothing is charged. */
const FREE: Price = { input: 0, cachedInput: 0, output: 0 };

/**
 * `model`, asked only for what `budget` allows; each request counts by itself, so a batch
 * that is too large for what is left is answered as far as it goes. Only `generate` counts.
 * @throws BUDGET from `generate` for a request that would cross a limit
 */
export function withinBudget(
  model: LanguageModel,
  budget: Budget,
): LanguageModel {
  return wrapped(model, {
    generate: (requests, { onAnswer, ...options } = {}) =>
      settledAll(
        requests.map(async (request, place): Promise<readonly Completion[]> => {
          const prompt = {
            promptTokens: await promptTokens(model, request),
            cachedPromptTokens: 0,
          };
          const completionTokens = request.n * request.maxTokens;
          const reservation = await budget.reserve(
            FREE,
            { ...prompt, completionTokens },
            { isFirm: true },
          );
          try {
            const [completions = []] = await model.generate([request], options);
            reservation.settle({
              ...prompt,
              completionTokens: tokensOf(completions),
            });
            onAnswer?.(place, completions);
            return completions;
          } catch (error) {
            reservation.release();
            throw error;
          }
        }),
      ),
  });
}

async function promptTokens(
  { context }: LanguageModel,
  request: GenerationRequest,
): Promise<number> {
  return (await context?.promptTokens(request.prompt, request)) ?? 0;
}

function tokensOf(completions: readonly Completion[]): number {
  return completions.reduce((sum, { tokens }) => sum + tokens, 0);
}
