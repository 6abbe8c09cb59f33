/**
 * @file One trip of a request over the network: an answer that can be read whole, or what
 * went wrong.
 */
import type { Clock } from "../../foundation/clock.js";
import type { TokenCounts } from "../spending/prices.js";
import type { Fields } from "../dialects/dialect.js";
import type { AnswerTimes } from "./answer-times.js";
import {
  failureOfContent,
  failureOfError,
  failureOfStatus,
  failureOfTimeOut,
  isRefusal,
} from "./failure.js";
import type { Failure } from "./failure.js";
import type { AnswerKind } from "./request-body.js";
import type { RequestGroup } from "./request-group.js";
import type { Transport } from "./transport.js";
import { wholeAnswer, type WholeAnswer } from "./whole-answer.js";

export interface Call {
  readonly kind: AnswerKind;
  readonly path: string;
  /** As it is meant; the server's dialect is spoken over the wire only. */
  readonly body: Fields;
  /** Most tokens of all choices together. */
  readonly maxTokens: number;
  /** Bytes of prompt text, to guess its tokens. */
  readonly promptBytes: number;
  /** Same for every attempt, so that a server that knows it charges once. */
  readonly idempotencyKey: string;
  /** Given an answer that cannot be read, which is paid for all the same. */
  readonly keepUnread?: (paid: Paid) => Promise<void>;
}

/** An answer as it came, and what it took. */
export interface Paid {
  readonly text: string;
  /** As counted by the endpoint, or guessed where it does not count. */
  readonly used: TokenCounts;
  readonly costMicros: number;
}

export interface Received extends WholeAnswer {
  readonly headers: Readonly<Record<string, string>>;
}

export interface Network {
  readonly transport: Transport;
  readonly times: AnswerTimes;
  readonly clock: Clock;
}

/** @param body in the server's dialect */
export async function roundTrip(
  { transport, times, clock }: Network,
  call: Call,
  body: Fields,
  group: RequestGroup,
): Promise<Received | Failure> {
  const allowed = times.allowance(call.maxTokens);
  const attempt = group.begin();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    attempt.abort();
  }, allowed);
  try {
    const sent = await transport.send({
      method: "POST",
      path: call.path,
      body: JSON.stringify(body),
      signal: attempt.signal,
      idempotencyKey: call.idempotencyKey,
    });
    if (isRefusal(sent)) return failureOfStatus(sent, clock.now());
    const whole = wholeAnswer(call.kind, sent.text, transport.redact);
    if ("problem" in whole) return failureOfContent(whole, sent);
    const broken = whole.answer.choices.find(
      ({ ending }) => ending === "failed",
    );
    return broken === undefined
      ? { headers: sent.headers, ...whole }
      : failureOfContent({
          problem: `the answer broke off: ${broken.error ?? `it ended with "${broken.finishReason ?? ""}"`}`,
          text: whole.text,
          isWhole: false,
        });
  } catch (cause) {
    if (!late) return failureOfError(cause);
    times.timedOut();
    return failureOfTimeOut(allowed);
  } finally {
    clearTimeout(timer);
    group.end(attempt);
  }
}
