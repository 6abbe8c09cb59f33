/**
 * @file What a request to the dashboard can be refused with; the server makes an
 * `ApiFailure` of it, with its status.
 */
import { harmless } from "../../text/harmless.js";
import type { ApiFailure } from "./api.js";

const STATUSES = {
  /** A parameter or a body that is not as the API says. */
  USAGE: 400,
  /** No token, a wrong one, another origin or another host name. */
  FORBIDDEN: 403,
  /** No such run, table, row, relation or address. */
  NOT_FOUND: 404,
  /** A body over the limit. */
  TOO_LARGE: 413,
  /** A ledger that cannot be read at this moment, or at all. */
  LEDGER: 409,
  /** A fault of the dashboard itself. */
  INTERNAL: 500,
} as const;

export type FailureCode = keyof typeof STATUSES;

export class DashboardFailure extends Error {
  readonly code: FailureCode;

  /** @param message what happened, what was expected, what to do */
  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "DashboardFailure";
    this.code = code;
  }

  /** Of the HTTP answer. */
  get status(): (typeof STATUSES)[FailureCode] {
    return STATUSES[this.code];
  }

  /** The body of the answer. */
  toJSON(): ApiFailure {
    return { error: harmless(this.message), code: this.code };
  }
}

/** @param what "run", "row of pairs", … */
export function notFound(what: string, name: string): DashboardFailure {
  return new DashboardFailure(
    "NOT_FOUND",
    `There is no ${what} "${name}" here. Look it up anew in the list it comes from.`,
  );
}
