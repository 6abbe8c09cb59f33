/**
 * @file Model calls, kept so that nothing paid for is lost or bought twice.
 *
 * An answer is stored raw under a key of everything that determines it, and
 * stays: the first answer under a key is the answer. A failed call is stored
 * apart and never becomes an answer.
 */
import { type Clock, timestamp } from "../foundation/clock.js";
import { hashOf } from "../foundation/hash.js";
import { decodeJson, encodeJson, integer, real, text } from "./codecs.js";
import type { LedgerDatabase, SqlRow } from "./database.js";

/** Everything that determines one answer; `null` where a part does not exist. */
export interface CallIdentity {
  readonly model: string;
  /** Revision, or weight hash. */
  readonly revision: string | null;
  /** Base URL; null for a model in this process. */
  readonly endpoint: string | null;
  /** Text or messages, exactly as sent. */
  readonly prompt: unknown;
  /** Every sampling parameter sent. */
  readonly sampling: unknown;
  readonly seed: number | null;
  readonly sampleIndex: number;
}

/** Cache key: SHA-256 in hex. The version changes when the meaning of a part does. */
export function callKey(identity: CallIdentity): string {
  encodeJson(identity, "the identity of a model call");
  return hashOf({ version: 1, ...identity });
}

export interface Call {
  readonly key: string;
  readonly model: string;
  readonly request: unknown;
  /** The raw answer, before any parsing. */
  readonly response: unknown;
  readonly tokensIn: number;
  readonly tokensOut: number;
  /** In the currency of the budget; 0 where nothing is charged. */
  readonly cost: number;
}

export interface CallFailure {
  readonly key: string;
  readonly model: string;
  readonly request: unknown;
  /** Stable name of what went wrong: `timeout`, `http-429`, … */
  readonly code: string;
  readonly message: string;
}

export interface CallTotals {
  readonly calls: number;
  readonly failures: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
  readonly cost: number;
}

export class CallCache {
  readonly #database: LedgerDatabase;
  readonly #clock: Clock;

  /** Made by the ledger only. */
  constructor(database: LedgerDatabase, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  get(key: string): Call | undefined {
    const stored = this.#database.first("SELECT * FROM calls WHERE key = ?", [
      key,
    ]);
    return stored === undefined ? undefined : decodeCall(stored);
  }

  /** Every answer, in the order of their keys; one at a time, so that memory stays flat. */
  *all(): Generator<Call> {
    for (let after = ""; ;) {
      const stored = this.#database.first(
        "SELECT * FROM calls WHERE key > ? ORDER BY key LIMIT 1",
        [after],
      );
      if (stored === undefined) return;
      const call = decodeCall(stored);
      yield call;
      after = call.key;
    }
  }

  /** Stores answers, all or none; a key that has one keeps it. */
  record(calls: readonly Call[]): void {
    this.#database.transaction(() => {
      for (const call of calls) {
        this.#database.run(
          `INSERT INTO calls (key, model, request, response, tokens_in, tokens_out, cost)
           VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING`,
          [
            text.encode(call.key, "calls.key"),
            text.encode(call.model, "calls.model"),
            encodeJson(call.request, "calls.request"),
            encodeJson(call.response, "calls.response"),
            integer.encode(call.tokensIn, "calls.tokensIn"),
            integer.encode(call.tokensOut, "calls.tokensOut"),
            real.encode(call.cost, "calls.cost"),
          ],
        );
      }
    });
  }

  recordFailures(failures: readonly CallFailure[]): void {
    this.#database.transaction(() => {
      for (const failure of failures) {
        this.#database.run(
          `INSERT INTO call_failures (key, model, request, code, message, at)
           VALUES (?, ?, ?, ?, ?, ?)`,
          [
            text.encode(failure.key, "call_failures.key"),
            text.encode(failure.model, "call_failures.model"),
            encodeJson(failure.request, "call_failures.request"),
            text.encode(failure.code, "call_failures.code"),
            text.encode(failure.message, "call_failures.message"),
            timestamp(this.#clock),
          ],
        );
      }
    });
  }

  /** Failures of one call, oldest first. */
  failures(key: string): CallFailure[] {
    return this.#database
      .all("SELECT * FROM call_failures WHERE key = ? ORDER BY id", [key])
      .map((stored) => ({
        key: String(stored["key"]),
        model: String(
          text.decode(stored["model"] ?? null, "call_failures.model"),
        ),
        request: decodeJson(stored["request"] ?? null, "call_failures.request"),
        code: String(text.decode(stored["code"] ?? null, "call_failures.code")),
        message: String(
          text.decode(stored["message"] ?? null, "call_failures.message"),
        ),
      }));
  }

  /** What the run has used so far. */
  totals(): CallTotals {
    const used = this.#database.first(
      `SELECT count(*) AS calls, total(tokens_in) AS tokens_in,
              total(tokens_out) AS tokens_out, total(cost) AS cost FROM calls`,
    );
    const failed = this.#database.first(
      "SELECT count(*) AS n FROM call_failures",
    );
    return {
      calls: Number(used?.["calls"]),
      failures: Number(failed?.["n"]),
      tokensIn: Number(used?.["tokens_in"]),
      tokensOut: Number(used?.["tokens_out"]),
      cost: Number(used?.["cost"]),
    };
  }
}

function decodeCall(stored: SqlRow): Call {
  return {
    key: String(stored["key"]),
    model: String(text.decode(stored["model"] ?? null, "calls.model")),
    request: decodeJson(stored["request"] ?? null, "calls.request"),
    response: decodeJson(stored["response"] ?? null, "calls.response"),
    tokensIn: Number(stored["tokens_in"]),
    tokensOut: Number(stored["tokens_out"]),
    cost: Number(stored["cost"]),
  };
}
