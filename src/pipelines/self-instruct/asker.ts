/**
 * @file Asking one question at a time of models that like them in different
 * numbers: an endpoint gets each at once, the embedded engine gets those that are
 * asked in the same turn together.
 *
 * A request that the endpoint refuses for itself (too long, filtered), or that had to
 * be given up while others were answered, is a refusal; what would end all requests is
 * thrown.
 */
import { AutodidactError } from "../../foundation/error.js";
import type {
  Completion,
  GenerationRequest,
  LanguageModel,
  ModelContext,
} from "../../generation/language-model.js";
import type { PromptStyle } from "../../instruct/prompts/prompt-set.js";
import type { EndpointSettings } from "../../serving/transport/endpoint-settings.js";
import type { ServedModel } from "../../serving/endpoint.js";
import { refusalWithoutRoom } from "./answer-room.js";

export type Reply =
  { readonly completion: Completion } | { readonly refusal: AutodidactError };

export interface Asker {
  /** What determines the answers besides the request. */
  readonly identity: string;
  /** The prompts that suit it: it continues text, or answers messages. */
  readonly style: PromptStyle;
  /** How to open it again for a replay; plain JSON, no secret. */
  readonly source: AskerSource;
  /** Absent where the model does not tell. */
  readonly context?: ModelContext;
  /** The first sample of `request`. */
  ask(request: GenerationRequest): Promise<Reply>;
}

export type AskerSource =
  | { readonly kind: "endpoint"; readonly settings: EndpointSettings }
  | { readonly kind: "checkpoint" };

export interface AskerOptions {
  readonly style: PromptStyle;
  readonly signal: AbortSignal;
}

/**
 * Each request goes out at once; how many are in flight is the endpoint client's. When
 * one finds that the endpoint is of no use to anybody, none of the others tries any more.
 */
export function servedAsker(
  model: ServedModel,
  options: AskerOptions & { readonly endpoint: EndpointSettings },
): Asker {
  const { style, endpoint } = options;
  const together = endedTogether(options.signal);
  return {
    identity: model.identity,
    style,
    source: { kind: "endpoint", settings: endpoint },
    ask: async (request) => {
      const [outcome] = await together((signal) =>
        model.generateEach([request], { signal }),
      );
      if (outcome === undefined) throw noAnswer(model.identity);
      return "error" in outcome
        ? { refusal: outcome.error }
        : reply(outcome.completions, model.identity);
    },
  };
}

/** Pieces of work that all end with the first ENDPOINT error of one, or with `outer`. */
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

/** Each request by itself, so that one that has no answer spoils no other: for replays. */
export function separateAsker(
  model: LanguageModel,
  { style, signal }: AskerOptions,
): Asker {
  return {
    identity: model.identity,
    style,
    source: { kind: "checkpoint" },
    ask: async (request) => {
      const [completions = []] = await model.generate([request], { signal });
      return reply(completions, model.identity);
    },
  };
}

/**
 * Requests of one turn of the event loop go out as one batch; one whose prompt leaves
 * no room in the model's context is refused by itself.
 */
export function batchedAsker(
  model: LanguageModel,
  { style, signal }: AskerOptions,
): Asker {
  const { context } = model;
  let waiting: Waiting[] = [];
  const flush = (): void => {
    const batch = waiting;
    waiting = [];
    model
      .generate(
        batch.map(({ request }) => request),
        { signal },
      )
      .then(
        (answers) => {
          for (const [place, { resolve }] of batch.entries()) {
            resolve(answers[place] ?? []);
          }
        },
        (error: unknown) => {
          for (const { reject } of batch) reject(error);
        },
      );
  };
  return {
    identity: model.identity,
    style,
    source: { kind: "checkpoint" },
    ...(context === undefined ? {} : { context }),
    ask: async (request) => {
      const refusal = context && refusalWithoutRoom(request, context);
      if (refusal !== undefined) return { refusal };
      const completions = await new Promise<readonly Completion[]>(
        (resolve, reject) => {
          if (waiting.length === 0) setImmediate(flush);
          waiting.push({ request, resolve, reject });
        },
      );
      return reply(completions, model.identity);
    },
  };
}

interface Waiting {
  readonly request: GenerationRequest;
  readonly resolve: (completions: readonly Completion[]) => void;
  readonly reject: (reason: unknown) => void;
}

function reply(completions: readonly Completion[], identity: string): Reply {
  const [completion] = completions;
  if (completion === undefined) throw noAnswer(identity);
  return { completion };
}

function noAnswer(identity: string): AutodidactError {
  return new AutodidactError(
    "ENDPOINT",
    `${identity} gave no completion for a request. One was expected; check the model or the server.`,
    { identity },
  );
}
