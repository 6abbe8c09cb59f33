/**
 * @file The samples in an answer, as `Completion`s.
 */
import { AutodidactError } from "../foundation/error.js";
import type { Completion } from "../generation/language-model.js";
import type { Choice, ParsedAnswer } from "./transport/answer.js";

export interface Sample {
  readonly completion: Completion;
  /** Ended by itself, not by the maximum of tokens. */
  readonly finished: boolean;
  /** The provider's filter held the answer back. */
  readonly filtered: boolean;
}

/**
 * One sample for each choice. Servers differ in whether a stop text is part of the
 * answer; here it never is. Tokens are the endpoint's count; of several choices
 * that were counted together, each has its share by length of text. An answer that says
 * nothing of its end and used up `maxTokens` was cut off.
 */
export function samplesOf(
  answer: ParsedAnswer,
  stop: readonly string[],
  maxTokens: number,
): readonly Sample[] {
  const shares = tokenShares(answer);
  return answer.choices.map((choice, index) => {
    const end = firstStop(choice.text, stop);
    const stopped = end < choice.text.length;
    const tokens = shares[index] ?? 0;
    const usedUp = choice.finishReason === undefined && tokens >= maxTokens;
    const finished =
      stopped ||
      (choice.ending === "complete" && !usedUp) ||
      choice.ending === "refused";
    return {
      finished,
      filtered: choice.ending === "refused",
      completion: {
        text: choice.text.slice(0, end),
        tokens,
        ...(choice.tokens === undefined
          ? {}
          : { logprobs: choice.tokens.map((token) => token.logprob) }),
        finishReason: finished ? "stop" : "length",
      },
    };
  });
}

/** The completion, or the error that stands for an answer that was held back. */
export function completionOf(sample: Sample, endpoint: string): Completion {
  if (!sample.filtered) return sample.completion;
  throw new AutodidactError(
    "ENDPOINT",
    `The content filter of ${endpoint} held back an answer. The prompt will meet it again; leave it out or change it.`,
    { failure: "content-filter", refusal: "final", endpoint },
  );
}

/** Where the first stop text begins; the length of the text if none occurs. */
function firstStop(text: string, stop: readonly string[]): number {
  return stop.reduce((end, word) => {
    const place = word === "" ? -1 : text.indexOf(word);
    return place >= 0 && place < end ? place : end;
  }, text.length);
}

function tokenShares(answer: ParsedAnswer): readonly number[] {
  const { choices, usage } = answer;
  const total = usage?.completionTokens;
  if (choices.every((choice) => choice.tokens !== undefined))
    return choices.map((choice) => choice.tokens?.length ?? 0);
  if (choices.length === 1 && total !== undefined) return [total];
  const bytes = choices.map((choice) => sizeOf(choice));
  const allBytes = bytes.reduce((sum, size) => sum + size, 0);
  // Without any count, four bytes a token.
  const tokens = total ?? Math.ceil(allBytes / 4);
  return bytes.map((size) =>
    allBytes === 0 ? 0 : Math.round((tokens * size) / allBytes),
  );
}

function sizeOf(choice: Choice): number {
  return Buffer.byteLength(choice.text);
}
