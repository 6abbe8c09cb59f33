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
 * Short answers end first, so the lengths of those that have ended say too little of the
 * others. Each token is taken to be an answer's last with the same chance h: the answers
 * that ended by themselves over all tokens written, its maximum likelihood where some go
 * on. An answer that may still have m tokens is then expected to have (1 − e^(−hm)) / h.
 * @param promptTokens to be computed for all prompts
 */
export function decodingWork(
  requests: readonly Answers[],
  promptTokens: number,
  onTokens: (progress: CallProgress) => void = () => undefined,
): DecodingWork {
  const open = { answers: 0, most: 0 };
  for (const { n, maxTokens } of requests) {
    open.answers += n;
    open.most += n * maxTokens;
  }
  const closed = { ended: 0, tokens: 0 };
  let read = 0;
  let written = 0;
  const tell = (): void => {
    const chance = closed.ended / Math.max(written, 1);
    const begun = written - closed.tokens;
    const most = Math.max(0, open.most - begun) / Math.max(open.answers, 1);
    const each = chance === 0 ? most : -Math.expm1(-chance * most) / chance;
    const done = read + written;
    onTokens({
      done,
      expected: Math.max(
        done,
        Math.round(promptTokens + written + open.answers * each),
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
      open.answers--;
      open.most -= maxTokens;
      closed.tokens += tokens;
      if (tokens < maxTokens) closed.ended++;
      tell();
    },
  };
}
