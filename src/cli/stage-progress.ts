/**
 * @file A piece of work with a progress bar: the events of one stage around it.
 */
import type { EventListener } from "../events/run-event.js";
import type { CallProgress } from "../generation/language-model.js";
import type { CommandIo } from "./io.js";

/** Progress as the layers below tell it: how many are done so far. */
export type ReportDone = (done: number) => void;

/** For a model's `onTokens`: what it does counts for the stage that is shown. */
export function tokensTo(onEvent: EventListener) {
  return ({ done, expected }: CallProgress): void => {
    onEvent({ type: "token-progress", done, expected });
  };
}

/**
 * The same where a model does its work chunk by chunk: a call tells of its own chunk, the
 * listener is told of all `items`.
 */
export function tokensOfChunks(items: number, onEvent: EventListener) {
  const tell = tokensTo(onEvent);
  let chunk = { start: 0, end: items };
  let call = { done: 0, expected: 0 };
  /** What an earlier process did: items, and about so many tokens. */
  let found: { readonly items: number; readonly tokens: number } | undefined;
  /** Tokens of earlier calls. */
  let before = 0;
  const next = (): void => {
    before += call.done;
    call = { done: 0, expected: 0 };
  };
  return {
    /** To be called before the items `start` … `end` − 1. */
    begin: (start: number, end: number): void => {
      next();
      chunk = { start, end };
    },
    onTokens: (progress: CallProgress): void => {
      const { done, expected } = progress;
      if (expected === 0) {
        tell(progress);
        return;
      }
      if (done < call.done) next();
      call = progress;
      const { start } = chunk;
      const each = expected / (chunk.end - start);
      found ??= { items: start, tokens: Math.round(each * start) };
      // The items to come are like all that this process knows of.
      const known = before + expected;
      const more = (known / (chunk.end - found.items)) * (items - chunk.end);
      tell({
        done: found.tokens + before + done,
        expected: Math.round(found.tokens + known + more),
      });
    },
  };
}

/** Runs `work`, shown as a stage of `total` units; gives its result and its seconds. */
export async function withProgress<T>(
  io: CommandIo,
  shown: {
    readonly stage: string;
    readonly title: string;
    readonly total: number;
    readonly unit: string;
  },
  work: (onProgress: ReportDone) => Promise<T>,
): Promise<{ readonly result: T; readonly seconds: number }> {
  const { stage, title, total, unit } = shown;
  const started = performance.now();
  io.onEvent({ type: "stage-start", stage, title });
  const report = (done: number): void => {
    io.onEvent({ type: "stage-progress", stage, done, total, unit });
  };
  report(0);
  const result = await work(report);
  const seconds = (performance.now() - started) / 1000;
  io.onEvent({ type: "stage-end", stage, title, seconds });
  return { result, seconds };
}
