/**
 * @file A batch of requests to the servers of a checkpoint, as many at once as keep them
 * busy, with word of how far it is.
 */
import { setMaxListeners } from "node:events";
import { AutodidactError } from "../foundation/error.js";
import type { AskOptions, CallUsage } from "../generation/language-model.js";
import type { CompletionAnswer, CompletionBody } from "./completion-request.js";
import type { TokenCount } from "./token-count.js";

/** Who answers: all instances of one checkpoint. */
export interface Answering {
  /** Requests that are worked on at once. */
  readonly lanes: number;
  ask(body: CompletionBody, signal: AbortSignal): Promise<CompletionAnswer>;
}

/**
 * What `read` makes of the answers, in the order of the requests. The first failure, or the
 * signal, ends the batch: what is in flight is given up, its tokens cost nobody anything.
 * @throws the first failure; INTERRUPTED
 */
export async function askAll<T>(
  {
    answering,
    tokens,
  }: { readonly answering: Answering; readonly tokens: TokenCount },
  bodies: readonly CompletionBody[],
  { signal, onProgress, onUsage, onAnswer }: AskOptions<T>,
  read: (answer: CompletionAnswer, place: number) => T | Promise<T>,
): Promise<T[]> {
  const answers: T[] = [];
  const end = new AbortController();
  // As many requests listen to it as are in flight.
  setMaxListeners(0, end.signal);
  const stop = (): void => {
    end.abort(interrupted());
  };
  if (signal?.aborted === true) throw interrupted();
  signal?.addEventListener("abort", stop, { once: true });
  tokens.begin(bodies);
  let next = 0;
  let done = 0;
  const lane = async (): Promise<void> => {
    while (next < bodies.length && !end.signal.aborted) {
      const place = next++;
      const body = bodies[place] as CompletionBody;
      try {
        const answer = await answering.ask(body, end.signal);
        const usage = usageOf(body, answer);
        onUsage?.(usage);
        tokens.add(body, usage);
        const made = await read(answer, place);
        answers[place] = made;
        onAnswer?.(place, made, usage);
      } catch (error) {
        end.abort(error);
        return;
      }
      onProgress?.(++done);
    }
  };
  try {
    await Promise.all(
      Array.from({ length: Math.min(answering.lanes, bodies.length) }, lane),
    );
  } finally {
    tokens.end();
    signal?.removeEventListener("abort", stop);
  }
  end.signal.throwIfAborted();
  return answers;
}

function interrupted(): AutodidactError {
  return new AutodidactError(
    "INTERRUPTED",
    "Stopped while vLLM was answering. Everything recorded so far is kept; run the same command again to go on.",
  );
}

/** What the server did for an answer; the tokens are nobody's bill. */
function usageOf(
  { prompt }: CompletionBody,
  { choices }: CompletionAnswer,
): CallUsage {
  return {
    requests: 1,
    tokensIn: prompt.length,
    tokensOut: choices.reduce((sum, { token_ids: ids }) => sum + ids.length, 0),
    cost: 0,
  };
}
