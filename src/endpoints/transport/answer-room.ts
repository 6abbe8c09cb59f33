/**
 * @file The room that a served model's context leaves for an answer.
 *
 * A server refuses a request whose maximum of tokens does not fit beside its prompt; the
 * program's defaults are for contexts of thousands. So the maximum is lowered on the
 * wire, below the record of answers: a request is known by what was asked for. Nobody
 * here counts a prompt's tokens: they are guessed, and a refusal that tells them is
 * believed.
 */
import type { ErrorBody } from "../dialects/error-body.js";
import { readContextNumbers } from "../dialects/context-numbers.js";
import { isMaxTokens } from "../dialects/spoken-body.js";
import type { Call } from "./round-trip.js";
import type { TokenEstimate } from "./token-estimate.js";

/** Tokens below which an answer is not worth asking for: a short instruction. */
const LEAST_ANSWER = 16;

export class AnswerRoom {
  readonly #tokens: TokenEstimate;
  readonly #thoughtTokens: number;
  /** Most tokens of a prompt with its answer; Infinity where nobody told. */
  #context = Infinity;
  /** Most tokens of an answer. */
  #longest = Infinity;
  /** Tokens of prompts that the server counted when it refused them. */
  readonly #counted = new WeakMap<Call, number>();

  /** @param thoughtTokens of thoughts that an answer may have on top of its own */
  constructor(tokens: TokenEstimate, thoughtTokens: number) {
    this.#tokens = tokens;
    this.#thoughtTokens = thoughtTokens;
  }

  /** A prompt with its answer has so many tokens at the most. */
  limit(context: number): void {
    this.#context = Math.min(this.#context, context);
  }

  /** The call with no more tokens than there is room for, and no fewer than are worth it. */
  fitted(call: Call): Call {
    const asked = maximumOf(call);
    const most = Math.max(this.#room(call), Math.min(asked, LEAST_ANSWER));
    return most < asked ? withMaximum(call, most) : call;
  }

  /**
   * What a refusal tells.
   * @param sent as it was fitted then
   * @returns whether the call fits now, with a lower maximum
   */
  learn(call: Call, sent: Call, { message }: ErrorBody): boolean {
    const { context, prompt, answer } = readContextNumbers(message);
    if (context !== undefined) this.limit(context);
    if (answer !== undefined) this.#longest = Math.min(this.#longest, answer);
    if (prompt !== undefined) this.#counted.set(call, prompt);
    const room = this.#room(call);
    return room >= LEAST_ANSWER && room < maximumOf(sent);
  }

  #room(call: Call): number {
    const prompt = this.#counted.get(call) ?? this.#tokens.prompt(call);
    const most = Math.min(this.#longest, this.#context - prompt);
    return most - this.#thoughtTokens;
  }
}

/** Most tokens of one choice; 0 where the call does not limit them. */
function maximumOf({ body }: Call): number {
  const field = Object.keys(body).find(isMaxTokens);
  const maximum = field === undefined ? undefined : body[field];
  return typeof maximum === "number" ? maximum : 0;
}

function withMaximum(call: Call, most: number): Call {
  return {
    ...call,
    maxTokens: Math.ceil((call.maxTokens / maximumOf(call)) * most),
    body: Object.fromEntries(
      Object.entries(call.body).map(([name, value]): [string, unknown] => [
        name,
        isMaxTokens(name) ? most : value,
      ]),
    ),
  };
}
