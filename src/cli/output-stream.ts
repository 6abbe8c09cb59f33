/**
 * @file The one way of text to standard output and standard error: harmless, so that words
 * of servers, models and files give a terminal no orders.
 */
import { harmless } from "../text/harmless.js";

/** The part of `process.stdout` and `process.stderr` that is used. */
export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** Of a terminal. */
  readonly columns?: number;
}

/** A line of its own. */
export function writeLine(stream: OutputStream, text: string): void {
  stream.write(`${harmless(text)}\n`);
}
