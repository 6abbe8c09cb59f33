/**
 * @file A run's news as server-sent events: each a `LiveMessage`, the last of each look
 * with the next cursor as its id, which a browser gives back when it connects again.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "hono";
import { streamSSE, type SSEStreamingApi } from "hono/streaming";
import { cursorOf } from "./live/cursor.js";
import { followRun } from "./live/follow-run.js";
import type { RunLibrary } from "./runs/run-library.js";

/** How often a run is looked at while somebody listens. */
const INTERVAL_MS = 1000;
/** Something travels at least so often, so that both sides notice when the other is gone. */
const SIGN_OF_LIFE_MS = 15_000;

export function followOverEvents(
  context: Context,
  library: RunLibrary,
  { id, ending }: { readonly id: string; readonly ending: AbortSignal },
): Response {
  const { folder } = library.place(id);
  const { req } = context;
  const cursor = cursorOf(req.header("last-event-id") ?? req.query("cursor"));
  const follow = async (stream: SSEStreamingApi): Promise<void> => {
    const gone = new AbortController();
    stream.onAbort(() => {
      gone.abort();
    });
    const signal = AbortSignal.any([ending, gone.signal]);
    let heard = performance.now();
    const ticks = followRun(
      {
        folder,
        detail: () => library.detail(id),
        pause: async () => {
          if (performance.now() - heard > SIGN_OF_LIFE_MS) {
            await stream.write(": still here\n\n");
            heard = performance.now();
          }
          await sleep(INTERVAL_MS, undefined, { signal }).catch(
            () => undefined,
          );
        },
        signal,
      },
      cursor,
    );
    for await (const { messages, cursor: next } of ticks) {
      for (const [place, message] of messages.entries())
        await stream.writeSSE({
          data: JSON.stringify(message),
          ...(place === messages.length - 1 && { id: next }),
        });
      heard = performance.now();
    }
  };
  return streamSSE(context, follow, hangUp);
}

/** An answer that fails after it began can only be broken off; who listens asks again. */
export const hangUp = (): Promise<void> => Promise.resolve();
