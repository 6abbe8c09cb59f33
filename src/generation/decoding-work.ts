/**
 * @file How far decoding has come: tokens read and written, of how many.
 *
 * Every prompt is read once and answers grow side by side, so the number of finished
 * answers says little of the time that is left; the tokens do.
 */
import type { CallProgress } from "./language-model.js";

interface Answers {
  /** Samples to draw. */
  readonly n: number;
  readonly maxTokens: number;
}

/** The books of one call; each method tells the listener. */
export interface DecodingWork {
  /** Tokens of prompts were computed. */
  readonly read: (tokens: number) => void;
  /** So many sequences have one token more. */
  readonly wrote: (sequences: number) => void;
  /** A sample ended with so many tokens. */
  readonly ended: (request: Answers, tokens: number) => void;
}

/**
 * Answers that have not ended are expected to become as long, in shares of what they may
 * have, as those that have; as long as they may where none has ended yet.
 * @param promptTokens to be computed for all prompts
 */
export function decodingWork(
  requests: readonly Answers[],
  promptTokens: number,
  onTokens: (progress: CallProgress) => void = () => undefined,
): DecodingWork {
  let open = requests.reduce((sum, { n, maxTokens }) => sum + n * maxTokens, 0);
  const closed = { most: 0, tokens: 0 };
  let read = 0;
  let written = 0;
  const tell = (): void => {
    const share = closed.most === 0 ? 1 : closed.tokens / closed.most;
    const done = read + written;
    onTokens({
      done,
      expected: Math.max(
        done,
        Math.round(promptTokens + closed.tokens + open * share),
      ),
    });
  };
  return {
    read: (tokens) => {
      read += tokens;
      tell();
    },
    wrote: (sequences) => {
      written += sequences;
      tell();
    },
    ended: ({ maxTokens }, tokens) => {
      open -= maxTokens;
      closed.most += maxTokens;
      closed.tokens += tokens;
    },
  };
}
