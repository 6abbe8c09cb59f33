/**
 * @file The one error class of the program.
 *
 * Every failure a user can cause carries a stable `code` (which fixes the exit
 * code), a sentence that says what happened, what was expected and what to do,
 * and typed details for programs. Anything else that is thrown is a bug.
 */

/** Failure classes, each with its documented process exit code. */
export const EXIT_CODES = {
  /** A flag, argument or recipe key is wrong. */
  USAGE: 2,
  /** An input file is missing, unreadable or malformed. */
  BAD_INPUT: 3,
  /** A checkpoint, tokenizer or its configuration cannot be used. */
  BAD_CHECKPOINT: 4,
  /** The disk is full, read-only, or a file cannot be written. */
  STORAGE: 5,
  /** The run folder's ledger contradicts what is asked of it. */
  LEDGER: 6,
  /** A number left its domain: NaN weights, a diverged loss. */
  NUMERIC: 7,
  /** The judge is too weak to start the loop, or a data set came out empty. */
  GATE: 8,
  /** A model endpoint refused, failed or answered nonsense. */
  ENDPOINT: 9,
  /** A limit on money, tokens or requests was reached. */
  BUDGET: 10,
  /** The stage counts do not balance; the run must not be trusted. */
  IMBALANCE: 11,
  /** The device asked for is not available on this machine. */
  DEVICE: 12,
  /** A job of a launcher was refused, failed, was lost, or never started. */
  JOB: 13,
  /** Stopped by the user (Ctrl-C); the run can go on. */
  INTERRUPTED: 130,
} as const;

export type ErrorCode = keyof typeof EXIT_CODES;

/** Evidence for programs; every value must survive JSON. */
export type ErrorDetails = Readonly<
  Record<string, string | number | boolean | null | readonly string[]>
>;

export class AutodidactError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  /**
   * @param code failure class; decides the exit code
   * @param message what happened, what was expected, what to do
   * @param details the same facts for a program, plus `cause` where there is one
   */
  constructor(
    code: ErrorCode,
    message: string,
    details: ErrorDetails = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "AutodidactError";
    this.code = code;
    this.details = details;
  }
}

/** What was thrown, in its own words. */
export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** The same on one line. */
export function messageLine(cause: unknown): string {
  return messageOf(cause)
    .trim()
    .split("\n")
    .map((part) => part.trim())
    .join(" ");
}
