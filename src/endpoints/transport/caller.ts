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
import { defined } from "../../foundation/defined.js";
import type { AutodidactError } from "../../foundation/error.js";
import type { RandomStream } from "../../foundation/random.js";
import { oneLine } from "../../text/harmless.js";
import type { Fields } from "../dialects/dialect.js";
import { knownEnding } from "../dialects/endings.js";
import type { SpokenBody } from "../dialects/spoken-body.js";
import { costInHeaders, highest } from "../dialects/usage.js";
import type { Budget, Reservation } from "../spending/budget.js";
import type { Price } from "../spending/prices.js";
import { AnswerRoom } from "./answer-room.js";
import { TokenEstimate } from "./token-estimate.js";
import type { Admission, Ticket } from "./admission.js";
import { AdmissionGate } from "./admission-gate.js";
import { concernsAll, deservesRetry, endpointError } from "./failure.js";
import type { Failure, FailureContext, Unread } from "./failure.js";
import type { RequestGroup } from "./request-group.js";
import { backoff } from "./retry-pause.js";
import { roundTrip } from "./round-trip.js";
import type { Call, Network, Paid } from "./round-trip.js";
import type { WholeAnswer } from "./whole-answer.js";
import { greeting, isBadAnswer, SharedFailures } from "./shared-failures.js";

export interface Answered extends WholeAnswer, Paid {}

export interface CallerParts extends Network {
  readonly endpoint: string;
  readonly model: string;
  readonly keyVariable?: string;
  readonly admission: Admission;
  readonly budget: Budget;
  /** Absent where it is not known. */
  readonly price?: Price;
  readonly spoken: SpokenBody;
  /** Tokens of thoughts that an answer may have on top of its own. */
  readonly thoughtTokens: number;
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

/**
 * How long an address is tried at which nothing has ever answered, milliseconds:
 * three quick attempts. It is wrong, or its server is not running; an endpoint that
 * has answered before is waited for as long as patience lasts.
 */
const FIRST_CONTACT_MS = 1000;
/** Shorter pauses are not worth a word. */
const NOTED_PAUSE_MS = 2000;
/** A longer pause is not sat out to find out whether others would be answered. */
const LONGEST_DOUBT_MS = 30_000;

export class Caller {
  readonly #parts: CallerParts;
  readonly #gate: AdmissionGate;
  #attempts = 0;
  #answered = 0;
  #failed = 0;
  #lastFailure: string | undefined;
  /** Something answered at the address, be it with an error. */
  #contact = false;
  readonly #shared = new SharedFailures();
  readonly #tokens: TokenEstimate;
  /** What the model's context leaves for answers. */
  readonly room: AnswerRoom;
  /** The greeting under way; whether it was answered. */
  #greeting: Promise<boolean> | undefined;
  /** Words for endings that nobody knows and that were told. */
  readonly #strangeEndings = new Set<string>();
  /** End of the pause that was told last. */
  #toldUntil = 0;

  constructor(parts: CallerParts) {
    this.#parts = parts;
    this.#tokens = new TokenEstimate(parts.thoughtTokens);
    this.room = new AnswerRoom(this.#tokens, parts.thoughtTokens);
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
    this.#shared.begin(call);
    try {
      return await this.#untilAnswered(call, group);
    } finally {
      this.#shared.end(call);
    }
  }

  async #untilAnswered(call: Call, group: RequestGroup): Promise<Answered> {
    const { clock, maxAttempts, jitter } = this.#parts;
    let first: { readonly at: number; readonly answered: number } | undefined;
    let badAnswers = 0;
    let unread = 0;
    let cleared = false;
    /** What went wrong before a greeting was answered may have been an outage that is over. */
    const clear = (): void => {
      cleared = true;
      first = undefined;
      badAnswers = 0;
    };
    for (let attempts = 1; ; attempts++) {
      const result = await this.#attempt(call, group);
      if (!("kind" in result)) return result;
      if (result.kind === "learned") continue;
      this.#lastFailure = result.evidence;
      first ??= { at: clock.monotonic(), answered: this.#answered };
      const doubted = this.#shared.undecided;
      const answers = doubted && (await this.#greet(call, group));
      if (answers && !cleared) {
        clear();
        continue;
      }
      // What everybody meets says nothing about this request.
      if (isBadAnswer(result) && !(this.#shared.outage && this.#answered > 0))
        badAnswers++;
      const spent = badAnswers >= maxAttempts;
      // No answer at all where others are answered: it may have been lost on the way.
      const isLost = result.unread?.mayPass === true && this.#answered > 0;
      const again = deservesRetry(result.kind) || (isLost && ++unread === 1);
      const outage = (since: number): boolean =>
        deservesRetry(result.kind) &&
        this.#answered === since &&
        (!spent || this.#shared.outage);
      if (!again || spent || this.#outOfPatience(result, first.at)) {
        // Before the run is ended for it.
        if (
          !doubted &&
          result.kind !== "unreachable" &&
          outage(first.answered) &&
          (await this.#greet(call, group)) &&
          !cleared
        ) {
          clear();
          continue;
        }
        // A key may have run out between two answers: then a greeting meets it too.
        if (concernsAll(result.kind) && !this.#meetsAll(result))
          await this.#greet(call, group);
        this.#parts.admission.giveUp();
        throw this.#error(result, attempts, {
          everybody: this.#meetsAll(result),
          outage: outage(first.answered),
        });
      }
      // How long a closed endpoint is left alone, the gate decides.
      const pause = backoff(Math.max(1, badAnswers), jitter.next());
      await this.#pause(Math.max(pause, ownPause(result)), group);
    }
  }

  /** Asks something small, once for all who doubt: whether the endpoint answers others. */
  async #greet(call: Call, group: RequestGroup): Promise<boolean> {
    const { admission, clock } = this.#parts;
    const now = clock.monotonic();
    if ((admission.opensAt(now) ?? now) - now > LONGEST_DOUBT_MS) return false;
    const { suspects } = this.#shared;
    this.#greeting ??= this.#attempt(greeting(call), group, true)
      .then((result) => !("kind" in result))
      .finally(() => {
        this.#greeting = undefined;
      });
    // Whoever asked may have been cancelled: that says nothing about the endpoint.
    const answers = await this.#greeting.catch(() => false);
    if (answers) this.#shared.blame(suspects);
    throwIfCancelled(group);
    return answers;
  }

  /** The error with which a request ended that met this failure alone. */
  errorOf(failure: Failure): AutodidactError {
    return this.#error(failure, 1, { outage: false, everybody: false });
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
      ...defined({ proxy: transport.proxy }),
      answered: this.#answered > 0,
      ...defined({ keyVariable }),
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

  #meetsAll(failure: Failure): boolean {
    return this.#shared.meetsAll(failure, this.#answered > 0);
  }

  /** Whether the refusal is of a field or a maximum, so that the request can do without. */
  #learns(
    { said, status }: Failure,
    call: Call,
    { fitted, sent }: { readonly fitted: Call; readonly sent: Fields },
  ): boolean {
    if (said === undefined || !TEACHING.has(status ?? 0)) return false;
    if (this.room.learn(call, fitted, said)) return true;
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
    ahead = false,
  ): Promise<Answered | Failure | typeof LEARNED> {
    const ticket = await this.#gate.enter(group, ahead);
    const fitted = this.room.fitted(call);
    let reservation: Reservation;
    try {
      reservation = await this.#parts.budget.reserve(
        this.#parts.price,
        this.#tokens.ahead(fitted),
      );
      if (group.cancelled !== undefined) reservation.release();
      throwIfCancelled(group);
    } catch (cause) {
      this.#gate.withdrawn();
      throw cause;
    }
    this.#attempts++;
    const began = this.#parts.clock.monotonic();
    const sent = this.#parts.spoken.of(fitted.body);
    const result = await roundTrip(this.#parts, fitted, sent, group);
    if (!("kind" in result) || result.kind !== "unreachable")
      this.#contact = true;
    if ("kind" in result) {
      this.#failed++;
      if (result.unread !== undefined)
        await this.#keepUnread({ call, fitted, reservation }, result.unread);
      else if (result.maybeBilled) reservation.forfeit();
      else reservation.release();
      if (this.#learns(result, call, { fitted, sent })) {
        this.#gate.failed();
        return LEARNED;
      }
      this.#shared.failed(call, result, ahead);
      // Before the gate lets in the next one, which would fail the same way.
      if (!deservesRetry(result.kind) && this.#meetsAll(result))
        this.cancel(
          group,
          this.#error(result, 1, { outage: false, everybody: true }),
        );
      this.#report(result, ticket);
      if (group.signal.aborted) throwIfCancelled(group);
      return result;
    }
    this.#answered++;
    this.#shared.answered();
    const used = this.#tokens.afterwards(fitted, result.answer);
    this.#parts.times.answered(
      this.#parts.clock.monotonic() - began,
      used.completionTokens,
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

  /** What cannot be read is paid for: it counts, and is kept. */
  async #keepUnread(
    {
      call,
      fitted,
      reservation,
    }: {
      readonly call: Call;
      readonly fitted: Call;
      readonly reservation: Reservation;
    },
    { text, usage, headers }: Unread,
  ): Promise<void> {
    const used = this.#tokens.afterwards(fitted, {
      choices: [{ text, ending: "failed" }],
      ...defined({ usage }),
    });
    let costMicros = 0;
    if (usage === undefined) reservation.forfeit();
    else
      costMicros = reservation.settle(
        used,
        highest(usage.costMicros, costInHeaders(headers)),
      );
    await call.keepUnread?.({ text, used, costMicros });
  }

  #report(failure: Failure, ticket: Ticket): void {
    if (
      failure.kind === "overloaded" ||
      failure.kind === "slow" ||
      (failure.kind === "again" && this.#shared.outage)
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
}

/** Statuses with which servers refuse a field or a maximum. */
const TEACHING: ReadonlySet<number> = new Set([400, 413, 422]);

/** A refusal that taught how to ask: the same request goes out anew at once. */
const LEARNED = { kind: "learned" } as const;

function throwIfCancelled(group: RequestGroup): void {
  if (group.cancelled !== undefined) throw group.cancelled;
}

/** Pause asked for by a failure that does not close the endpoint for the others. */
function ownPause(failure: Failure): number {
  return failure.kind === "again" ? (failure.retryAfterMs ?? 0) : 0;
}
