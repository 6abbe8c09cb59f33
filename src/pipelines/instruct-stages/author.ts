/**
 * @file The model that writes the data set, asked one question at a time.
 *
 * A request that it refuses for itself (too long, filtered), or that had to be given up
 * while others were answered, is a refusal; what would end all requests is thrown.
 */
import type { AnswerStore } from "../../answers/answer-store.js";
import { withMemory } from "../../answers/with-memory.js";
import { defined } from "../../foundation/defined.js";
import { AutodidactError } from "../../foundation/error.js";
import { gathered } from "../../generation/gathered.js";
import type {
  Completion,
  GenerationRequest,
  LanguageModel,
  ModelContext,
} from "../../generation/language-model.js";
import { refusalOf } from "../../generation/request-refusal.js";
import type { PromptStyle } from "../../instruct/prompts/prompt-set.js";
import { Budget } from "../../endpoints/spending/budget.js";
import { withinBudget } from "../../endpoints/within-budget.js";
import type { EndpointSettings } from "../../endpoints/transport/endpoint-settings.js";
import { withinContext } from "./answer-room.js";

export type Reply =
  { readonly completion: Completion } | { readonly refusal: AutodidactError };

export interface Author {
  /** What determines the answers besides the request. */
  readonly identity: string;
  /** The prompts that suit it: it continues text, or answers messages. */
  readonly style: PromptStyle;
  /** How to open it again for a replay; plain JSON, no secret. */
  readonly source: AuthorSource;
  /** Its name at the Hub, where that is known. */
  readonly hubId?: string;
  /** Absent where the model does not tell. */
  readonly context?: ModelContext;
  /** The first sample of `request`. */
  ask(request: GenerationRequest): Promise<Reply>;
}

export type AuthorSource =
  | { readonly kind: "endpoint"; readonly settings: EndpointSettings }
  | { readonly kind: "checkpoint" };

export interface AuthorOptions {
  readonly style: PromptStyle;
  readonly signal: AbortSignal;
  /** A checkpoint when absent. */
  readonly source?: AuthorSource;
  readonly hubId?: string | undefined;
}

/**
 * `model`, given each request at once. When one finds that the model is of no use to
 * anybody, none of the others tries any more.
 */
export function authorOf(
  model: LanguageModel,
  { style, signal, hubId, source = { kind: "checkpoint" } }: AuthorOptions,
): Author {
  const { identity, context } = model;
  const together = endedTogether(signal);
  return {
    identity,
    style,
    source,
    ...defined({ hubId, context }),
    ask: async (request) => {
      try {
        const [completions] = await together((inner) =>
          model.generate([request], { signal: inner }),
        );
        const completion = completions?.[0];
        if (completion !== undefined) return { completion };
      } catch (error) {
        if (error instanceof AutodidactError && refusalOf(error) !== undefined)
          return { refusal: error };
        throw error;
      }
      throw new AutodidactError(
        "ENDPOINT",
        `${identity} gave no completion for a request. One was expected; check the model or the server.`,
        { identity },
      );
    },
  };
}

/**
 * A model in this process, given the questions of one turn together and kept within its
 * context and the budget; what it answered once it need not compute again.
 */
export function rememberingAuthor(
  model: LanguageModel,
  {
    store,
    budget = new Budget(),
    ...options
  }: AuthorOptions & {
    readonly store: AnswerStore;
    /** No limits when absent. */
    readonly budget?: Budget;
  },
): Author {
  const limited = withinBudget(gathered(model), budget);
  return authorOf(withMemory(withinContext(limited), store), options);
}

/** Pieces of work that all end with the first ENDPOINT error that concerns all, or with `outer`. */
function endedTogether(
  outer: AbortSignal,
): <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T> {
  const inner = new AbortController();
  let reason: AutodidactError | undefined;
  const stop = (): void => {
    inner.abort();
  };
  if (outer.aborted) stop();
  else outer.addEventListener("abort", stop, { once: true });
  return async (work) => {
    if (reason !== undefined) throw reason;
    try {
      return await work(inner.signal);
    } catch (error) {
      if (refusalOf(error) !== undefined) throw error;
      const first = !inner.signal.aborted;
      if (
        first &&
        error instanceof AutodidactError &&
        error.code === "ENDPOINT"
      ) {
        reason = error;
        stop();
      }
      throw reason ?? error;
    }
  };
}
