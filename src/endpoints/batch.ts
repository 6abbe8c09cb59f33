/**
 * @file A batch of requests to an endpoint, some at a time, ended in order.
 *
 * Lanes take the next request when they are done with one, so a batch of any size
 * has a bounded number of promises. The first failure, or the caller's signal,
 * cancels the batch: nothing new is sent, what is in flight may finish (for a
 * while, after an interruption), and then the batch throws.
 */
import { setMaxListeners } from "node:events";
import { AutodidactError } from "../foundation/error.js";
import type { GenerateOptions } from "../generation/language-model.js";
import { RequestGroup } from "./transport/request-group.js";
import type { Caller } from "./transport/caller.js";

/** How long answers in flight are waited for after an interruption. */
const DRAIN_MS = 10_000;

export interface Batch<Request, Result> {
  readonly caller: Caller;
  readonly requests: readonly Request[];
  /** Requests worked on side by side. */
  readonly lanes: number;
  readonly options: GenerateOptions;
  readonly work: (request: Request, group: RequestGroup) => Promise<Result>;
}

/** Results in the order of the requests. @throws the first failure; INTERRUPTED */
export async function runBatch<Request, Result>(
  batch: Batch<Request, Result>,
): Promise<readonly Result[]> {
  const { caller, requests, options } = batch;
  const group = new RequestGroup(options.onUsage);
  const end = (reason: Error): void => {
    caller.cancel(group, reason);
  };
  const release = onInterrupt(options.signal, end, group);
  const results = new Array<Result>(requests.length);
  let next = 0;
  let done = 0;
  const lane = async (): Promise<void> => {
    while (next < requests.length && group.cancelled === undefined) {
      const index = next++;
      try {
        results[index] = await batch.work(requests[index] as Request, group);
      } catch (cause) {
        end(cause as Error);
        return;
      }
      options.onProgress?.(++done);
    }
  };
  try {
    await Promise.all(
      Array.from({ length: Math.min(batch.lanes, requests.length) }, lane),
    );
  } finally {
    release();
  }
  if (group.cancelled !== undefined && done < requests.length)
    throw group.cancelled;
  return results;
}

/** Cancels on the signal, and aborts what is still in flight some time later. */
function onInterrupt(
  signal: AbortSignal | undefined,
  end: (reason: Error) => void,
  group: RequestGroup,
): () => void {
  if (signal === undefined) return () => undefined;
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    end(
      new AutodidactError(
        "INTERRUPTED",
        "Stopped while asking the endpoint. Everything answered so far is kept; run the same command again to go on.",
      ),
    );
    timer = setTimeout(() => {
      group.abort();
    }, DRAIN_MS);
  };
  // Many batches of one run listen to one signal.
  setMaxListeners(0, signal);
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop);
  return () => {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  };
}
