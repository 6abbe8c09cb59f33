/**
 * @file Sends one request to an endpoint until it is answered, or cannot be.
 *
 * Each attempt passes the gate (concurrency), then the budget (money), then the
 * network; whatever happens, both get back what they gave. Failures that deserve
 * it are tried again after a pause with jitter: a few times when one request's
 * answers are bad, for as long as patience lasts when the endpoint is overloaded or
 * gone, or gives bad answers to everybody.
 * Counts balance: attempts = answered + failed + in flight.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { AutodidactError } from "../../foundation/error.js";
import type { Clock } from "../../foundation/clock.js";
import type { RandomStream } from "../../foundation/random.js";
import type { Admission, Ticket } from "./admission.js";
import { AdmissionGate } from "./admission-gate.js";
import type { ParsedAnswer } from "./answer.js";
import type { AnswerKind } from "./request-body.js";
import { parseAnswer } from "./answer.js";
import type { AnswerTimes } from "./answer-times.js";
import type { Budget, Reservation } from "../spending/budget.js";
import type { RequestGroup } from "./request-group.js";
import {
  concernsAll,
  deservesRetry,
  endpointError,
  failureOfContent,
  failureOfError,
  failureOfStatus,
  failureOfTimeOut,
} from "./failure.js";
import type { Failure, FailureContext } from "./failure.js";
import type { Fields } from "../dialects/dialect.js";
import { knownEnding } from "../dialects/endings.js";
import type { SpokenBody } from "../dialects/spoken-body.js";
import { costInHeaders, highest } from "../dialects/usage.js";
import { oneLine } from "../../text/harmless.js";
import type { Price, TokenCounts } from "../spending/prices.js";
import { backoff } from "./retry-pause.js";
import type { Transport } from "./transport.js";

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
}

export interface Answered {
  /** Body as it came. */
  readonly text: string;
  readonly answer: ParsedAnswer;
  /** As counted by the endpoint, or guessed where it does not count. */
  readonly used: TokenCounts;
  readonly costMicros: number;
}

export interface CallerParts {
  readonly endpoint: string;
  readonly model: string;
  readonly keyVariable?: string;
  readonly transport: Transport;
  readonly admission: Admission;
  readonly times: AnswerTimes;
  readonly budget: Budget;
  /** Absent where it is not known. */
  readonly price?: Price;
  readonly spoken: SpokenBody;
  /** Tokens of thoughts that an answer may have on top of its own. */
  readonly thoughtTokens: number;
  readonly clock: Clock;
  readonly jitter: RandomStream;
  /** Attempts for a request whose answers are bad. */
  readonly maxAttempts: number;
  /** How long an endpoint that is overloaded, gone or broken is waited for, milliseconds. */
  readonly patienceMs: number;
  /** Told when everybody has to wait for the endpoint, once for each pause. */
  readonly onTrouble?: (trouble: EndpointTrouble) => void;
  /** Told once of each thing that the server does in its own way. */
  readonly onNotice?: (notice: string) => void;
}

/** The endpoint is overloaded, gone or broken, and is tried again. */
export interface EndpointTrouble {
  /** Address without secrets. */
  readonly endpoint: string;
  /** What it did wrong, on one line. */
  readonly evidence: string;
  /** Pause before it is tried again, milliseconds. */
  readonly pauseMs: number;
}

export interface CallCounts {
  readonly attempts: number;
  readonly answered: number;
  readonly failed: number;
  readonly inFlight: number;
  /** Waiting for a place at the endpoint. */
  readonly waiting: number;
}

/** Prompt tokens are guessed high until the endpoint has counted some. */
const FIRST_TOKENS_PER_BYTE = 0.5;
const GUESS_MARGIN = 1.25;
/**
 * How long an address is tried at which nothing has ever answered, milliseconds:
 * three quick attempts. It is wrong, or its server is not running; an endpoint that
 * has answered before is waited for as long as patience lasts.
 */
const FIRST_CONTACT_MS = 1000;
/**
 * Requests with bad answers, and no good answer to any in between, from which on it
 * is the endpoint's fault: one or two may be bad requests, more is an outage.
 */
const OUTAGE_REQUESTS = 3;
/**
 * Requests that a failure of all must meet, and no good answer in between, where only
 * the server's words or a 403 make it likely: one of them may be about that one prompt.
 */
const LIKELY_REQUESTS = 3;
/** Shorter pauses are not worth a word. */
const NOTED_PAUSE_MS = 2000;
/** Chat templates and special tokens. */
const OVERHEAD_TOKENS = 32;

export class Caller {
  readonly #parts: CallerParts;
  readonly #gate: AdmissionGate;
  #attempts = 0;
  #answered = 0;
  #failed = 0;
  #lastFailure: string | undefined;
  /** Something answered at the address, be it with an error. */
  #contact = false;
  /** Calls that got a bad answer since the last good one. */
  readonly #failing = new Set<Call>();
  /** Requests since the last good answer that met what concerns all. */
  #refusedAlike = 0;
  /** Most tokens that an answer had beyond the maximum it was given. */
  #excessTokens = 0;
  /** Words for endings that nobody knows and that were told. */
  readonly #strangeEndings = new Set<string>();
  /** End of the pause that was told last. */
  #toldUntil = 0;
  /** Highest seen so far; a guess must not be too low. */
  #tokensPerByte = 0;

  constructor(parts: CallerParts) {
    this.#parts = parts;
    this.#gate = new AdmissionGate(parts.admission, parts.clock);
  }

  /** Address without secrets. */
  get endpoint(): string {
    return this.#parts.endpoint;
  }

  get counts(): CallCounts {
    return {
      attempts: this.#attempts,
      answered: this.#answered,
      failed: this.#failed,
      inFlight: this.#attempts - this.#answered - this.#failed,
      waiting: this.#gate.waiting,
    };
  }

  /** What the endpoint last did wrong. */
  get lastFailure(): string | undefined {
    return this.#lastFailure;
  }

  /** No further request of the group is sent; those in flight go on. */
  cancel(group: RequestGroup, reason: Error): void {
    this.#gate.cancel(group, reason);
  }

  /**
   * @throws ENDPOINT when the endpoint will not answer; BUDGET; the group's
   *   reason when it was cancelled
   */
  async call(call: Call, group: RequestGroup): Promise<Answered> {
    const { clock, maxAttempts, jitter } = this.#parts;
    let first: { readonly at: number; readonly answered: number } | undefined;
    let badAnswers = 0;
    for (let attempts = 1; ; attempts++) {
      const result = await this.#attempt(call, group);
      if (!("kind" in result)) return result;
      if (result.kind === "learned") continue;
      this.#lastFailure = result.evidence;
      first ??= { at: clock.monotonic(), answered: this.#answered };
      // What everybody meets says nothing about this request.
      if (isBadAnswer(result) && !(this.#outage && this.#answered > 0))
        badAnswers++;
      const spent = badAnswers >= maxAttempts;
      if (
        !deservesRetry(result.kind) ||
        spent ||
        this.#outOfPatience(result, first.at)
      ) {
        this.#parts.admission.giveUp();
        throw this.#error(result, attempts, {
          everybody: this.#meetsAll(result),
          outage:
            deservesRetry(result.kind) &&
            this.#answered === first.answered &&
            (!spent || this.#outage),
        });
      }
      // How long a closed endpoint is left alone, the gate decides.
      const pause = backoff(Math.max(1, badAnswers), jitter.next());
      await this.#pause(Math.max(pause, ownPause(result)), group);
    }
  }

  /** Bad answers are what everybody gets. */
  get #outage(): boolean {
    return this.#failing.size >= OUTAGE_REQUESTS;
  }

  #error(
    failure: Failure,
    attempts: number,
    { outage, everybody }: Pick<FailureContext, "outage" | "everybody">,
  ): AutodidactError {
    const { endpoint, model, keyVariable, transport } = this.#parts;
    return endpointError(failure, {
      endpoint,
      model,
      attempts,
      outage,
      everybody,
      ...(transport.proxy === undefined ? {} : { proxy: transport.proxy }),
      answered: this.#answered > 0,
      ...(keyVariable === undefined ? {} : { keyVariable }),
    });
  }

  /** Measured for this request, and for the endpoint, where others were refused before it. */
  #outOfPatience(failure: Failure, since: number): boolean {
    const { admission, clock, patienceMs } = this.#parts;
    const now = clock.monotonic();
    const waited = Math.max(now - since, admission.troubledMs(now));
    const patience =
      failure.kind === "unreachable" && !this.#contact
        ? Math.min(FIRST_CONTACT_MS, patienceMs)
        : patienceMs;
    return waited + (failure.retryAfterMs ?? 0) > patience;
  }

  async #pause(milliseconds: number, group: RequestGroup): Promise<void> {
    await sleep(milliseconds, undefined, { signal: group.signal }).catch(
      () => undefined,
    );
    throwIfCancelled(group);
  }

  /**
   * Whether every other request would meet it as well. A code tells that, a status while
   * nothing was ever answered; what is only likely must be met by several.
   */
  #meetsAll({ kind, basis }: Failure): boolean {
    return (
      concernsAll(kind) &&
      (basis === "code" ||
        (basis === "status" && this.#answered === 0) ||
        this.#refusedAlike >= LIKELY_REQUESTS)
    );
  }

  /** Whether the refusal is of a field, so that the request can do without. */
  #learns({ said, status }: Failure, sent: Fields): boolean {
    if (said === undefined || (status !== 400 && status !== 422)) return false;
    const { spoken, endpoint, onNotice } = this.#parts;
    const lesson = spoken.learn(said, sent);
    if (lesson === undefined) return false;
    if (lesson !== "")
      onNotice?.(
        `${endpoint} ${lesson} ("${oneLine(said.message, 160)}"). Say so in the endpoint's settings, and no request is spent on finding out.`,
      );
    return true;
  }

  /** A word that nobody knows: such answers count as cut off. */
  #noteEnding(word: string | undefined): void {
    if (word === undefined || knownEnding(word) !== undefined) return;
    if (this.#strangeEndings.has(word)) return;
    this.#strangeEndings.add(word);
    this.#parts.onNotice?.(
      `${this.#parts.endpoint} ended an answer with "${oneLine(word, 80)}", which is no known ending: such answers count as cut off.`,
    );
  }

  async #attempt(
    call: Call,
    group: RequestGroup,
  ): Promise<Answered | Failure | typeof LEARNED> {
    const ticket = await this.#gate.enter(group);
    let reservation: Reservation;
    try {
      reservation = await this.#reserve(call);
      if (group.cancelled !== undefined) reservation.release();
      throwIfCancelled(group);
    } catch (cause) {
      this.#gate.withdrawn();
      throw cause;
    }
    this.#attempts++;
    const began = this.#parts.clock.monotonic();
    const sent = this.#parts.spoken.of(call.body);
    const result = await this.#send(call, sent, group);
    if (!("kind" in result) || result.kind !== "unreachable")
      this.#contact = true;
    if ("kind" in result) {
      this.#failed++;
      if (result.maybeBilled) reservation.forfeit();
      else reservation.release();
      if (this.#learns(result, sent)) {
        this.#gate.failed();
        return LEARNED;
      }
      if (concernsAll(result.kind)) this.#refusedAlike++;
      // Before the gate lets in the next one, which would fail the same way.
      if (!deservesRetry(result.kind) && this.#meetsAll(result))
        this.cancel(
          group,
          this.#error(result, 1, { outage: false, everybody: true }),
        );
      if (isBadAnswer(result)) this.#failing.add(call);
      this.#report(result, ticket);
      if (group.signal.aborted) throwIfCancelled(group);
      return result;
    }
    this.#answered++;
    this.#failing.clear();
    this.#refusedAlike = 0;
    const used = this.#count(call, result.answer);
    this.#parts.times.answered(
      this.#parts.clock.monotonic() - began,
      used.completionTokens,
    );
    this.#excessTokens = Math.max(
      this.#excessTokens,
      used.completionTokens - this.#mostTokens(call),
    );
    const costMicros = reservation.settle(
      used,
      highest(result.answer.usage?.costMicros, costInHeaders(result.headers)),
    );
    this.#gate.answered(ticket, used.completionTokens);
    const { text, answer } = result;
    for (const { finishReason } of answer.choices)
      this.#noteEnding(finishReason);
    return { text, answer, used, costMicros };
  }

  #report(failure: Failure, ticket: Ticket): void {
    if (
      failure.kind === "overloaded" ||
      failure.kind === "slow" ||
      (failure.kind === "again" && this.#outage)
    )
      this.#gate.overloaded(ticket, failure.retryAfterMs);
    else if (failure.kind === "unreachable") this.#gate.unreachable(ticket);
    else this.#gate.failed();
    this.#tell(failure);
  }

  /** A long pause of the whole endpoint must not look like a program that hangs. */
  #tell({ kind, evidence }: Failure): void {
    const { admission, clock, endpoint, onTrouble } = this.#parts;
    const now = clock.monotonic();
    const until = admission.opensAt(now);
    if (until === undefined || until <= this.#toldUntil) return;
    const pauseMs = until - now;
    if (kind !== "slow" && pauseMs < NOTED_PAUSE_MS) return;
    this.#toldUntil = until;
    onTrouble?.({ endpoint, evidence, pauseMs });
  }

  /** One trip over the network. */
  async #send(
    call: Call,
    body: Fields,
    group: RequestGroup,
  ): Promise<Received | Failure> {
    const { transport, times, clock } = this.#parts;
    const allowed = times.allowance(call.maxTokens);
    const attempt = group.begin();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      attempt.abort();
    }, allowed);
    try {
      const answer = await transport.send({
        method: "POST",
        path: call.path,
        body: JSON.stringify(body),
        signal: attempt.signal,
        idempotencyKey: call.idempotencyKey,
      });
      if (answer.status < 200 || answer.status > 299)
        return failureOfStatus(answer, clock.now());
      const parsed = parseAnswer(call.kind, answer.text);
      if (typeof parsed === "string")
        return failureOfContent(parsed, answer.text);
      const broken = parsed.choices.find(({ ending }) => ending === "failed");
      return broken === undefined
        ? { text: answer.text, headers: answer.headers, answer: parsed }
        : failureOfContent(
            `the answer broke off: ${broken.error ?? `it ended with "${broken.finishReason ?? ""}"`}`,
            answer.text,
          );
    } catch (cause) {
      if (!late) return failureOfError(cause);
      times.timedOut();
      return failureOfTimeOut(allowed);
    } finally {
      clearTimeout(timer);
      group.end(attempt);
    }
  }

  /** Most tokens of all choices and their thoughts together. */
  #mostTokens(call: Call): number {
    return call.maxTokens + this.#parts.thoughtTokens * choicesOf(call);
  }

  #reserve(call: Call): Promise<Reservation> {
    const perByte =
      this.#tokensPerByte === 0 ? FIRST_TOKENS_PER_BYTE : this.#tokensPerByte;
    const promptTokens =
      Math.ceil(GUESS_MARGIN * perByte * call.promptBytes) + OVERHEAD_TOKENS;
    return this.#parts.budget.reserve(this.#parts.price, {
      promptTokens,
      cachedPromptTokens: 0,
      completionTokens: this.#mostTokens(call) + this.#excessTokens,
    });
  }

  /** What the endpoint counted, and a guess where it did not. */
  #count(call: Call, { usage, choices }: ParsedAnswer): TokenCounts {
    if (usage?.promptTokens !== undefined && call.promptBytes > 0)
      this.#tokensPerByte = Math.max(
        this.#tokensPerByte,
        Math.max(0, usage.promptTokens - OVERHEAD_TOKENS) / call.promptBytes,
      );
    const bytes = choices.reduce(
      (sum, choice) => sum + Buffer.byteLength(choice.text),
      0,
    );
    const total = usage?.totalTokens ?? Infinity;
    const promptTokens =
      usage?.promptTokens ??
      Math.min(total, Math.ceil(FIRST_TOKENS_PER_BYTE * call.promptBytes));
    const completionTokens =
      usage?.completionTokens ?? Math.ceil(FIRST_TOKENS_PER_BYTE * bytes);
    return {
      promptTokens,
      cachedPromptTokens: usage?.cachedPromptTokens ?? 0,
      completionTokens: Number.isFinite(total)
        ? Math.max(completionTokens, total - promptTokens)
        : completionTokens,
    };
  }
}

/** A refusal that taught how to ask: the same request goes out anew at once. */
const LEARNED = { kind: "learned" } as const;

interface Received {
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly answer: ParsedAnswer;
}

function choicesOf({ body }: Call): number {
  return typeof body["n"] === "number" ? body["n"] : 1;
}

function throwIfCancelled(group: RequestGroup): void {
  if (group.cancelled !== undefined) throw group.cancelled;
}

/** Pause asked for by a failure that does not close the endpoint for the others. */
function ownPause(failure: Failure): number {
  return failure.kind === "again" ? (failure.retryAfterMs ?? 0) : 0;
}

/** An answer that is of no use, or none in time. */
function isBadAnswer({ kind }: Failure): boolean {
  return kind === "again" || kind === "slow";
}
