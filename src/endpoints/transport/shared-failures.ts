/**
 * @file Whose fault a failure is: the request's, or the endpoint's.
 *
 * One or two requests with bad answers may be bad requests; three and no good answer in
 * between look like an outage. Where nothing but such requests is left, nobody else's
 * answer can tell: then a small request does (`greeting`). Is it answered, they are at
 * fault themselves from then on. So it does where what all would meet has met one or two.
 */
import { isMaxTokens } from "../dialects/spoken-body.js";
import { concernsAll } from "./failure.js";
import type { Failure } from "./failure.js";
import { promptFields } from "./request-body.js";
import type { Call } from "./round-trip.js";

/** Requests with bad answers, and no good answer to any in between, that make an outage. */
const OUTAGE_REQUESTS = 3;
/**
 * Requests that a failure of all must meet, and no good answer in between, where only
 * the server's words or a 403 make it likely: one of them may be about that one prompt.
 */
const LIKELY_REQUESTS = 3;
const GREETING = "Hello";
/** Room for the few tokens that some servers insist on. */
const GREETING_TOKENS = 16;

export class SharedFailures {
  readonly #open = new Set<Call>();
  /** Calls that got a bad answer since the last good one. */
  readonly #failing = new Set<Call>();
  /** Calls that failed while the endpoint answered a greeting. */
  readonly #atFault = new Set<Call>();
  /** Requests since the last good answer that met what concerns all. */
  #refusedAlike = 0;

  begin(call: Call): void {
    this.#open.add(call);
  }

  end(call: Call): void {
    this.#open.delete(call);
    this.#atFault.delete(call);
  }

  /** @param isGreeting asked for what nobody refuses, so that one is as good as several */
  failed(call: Call, failure: Failure, isGreeting: boolean): void {
    if (concernsAll(failure.kind))
      this.#refusedAlike += isGreeting ? LIKELY_REQUESTS : 1;
    if (isBadAnswer(failure) && !this.#atFault.has(call))
      this.#failing.add(call);
  }

  answered(): void {
    this.#failing.clear();
    this.#refusedAlike = 0;
  }

  /** Calls that an outage, or they themselves, may be to blame for. */
  get suspects(): readonly Call[] {
    return [...this.#failing];
  }

  /** The endpoint answered a greeting and not these. */
  blame(calls: readonly Call[]): void {
    for (const call of calls) if (this.#open.has(call)) this.#atFault.add(call);
  }

  /** Bad answers are what everybody gets. */
  get outage(): boolean {
    return this.#failing.size >= OUTAGE_REQUESTS;
  }

  /** No other request is on its way that could show whether it is an outage. */
  get undecided(): boolean {
    return (
      this.outage &&
      [...this.#open].every(
        (call) => this.#failing.has(call) || this.#atFault.has(call),
      )
    );
  }

  /**
   * Whether every other request would meet it as well. A code tells that, a status while
   * nothing was ever answered; what is only likely must be met by several.
   */
  meetsAll({ kind, basis }: Failure, everAnswered: boolean): boolean {
    return (
      concernsAll(kind) &&
      (basis === "code" ||
        (basis === "status" && !everAnswered) ||
        this.#refusedAlike >= LIKELY_REQUESTS)
    );
  }
}

/** An answer that is of no use, or none in time. */
export function isBadAnswer({ kind }: Failure): boolean {
  return kind === "again" || kind === "slow";
}

/** A small request with the fields of `call`, one choice, and a prompt that nobody refuses. */
export function greeting({ kind, path, body, ...call }: Call): Call {
  const maxTokens = Math.min(GREETING_TOKENS, call.maxTokens);
  const fields = Object.entries({ ...body, ...promptFields(kind, GREETING) })
    .filter(([name]) => name !== "n")
    .map(([name, value]): [string, unknown] => [
      name,
      isMaxTokens(name) ? maxTokens : value,
    ]);
  return {
    kind,
    path,
    body: Object.fromEntries(fields),
    maxTokens,
    promptBytes: GREETING.length,
    idempotencyKey: `greeting-${call.idempotencyKey}`,
  };
}
