/**
 * @file The errors of a model that are about one request and leave the others alone.
 * Whoever answers (an endpoint, the embedded engine) says so in the error's details.
 */
import { AutodidactError } from "../foundation/error.js";

export type Refusal =
  /** The same request would be refused again. */
  | "final"
  /** Given up after its attempts; another day it may be answered. */
  | "may-pass";

/** Undefined for an error that every other request would meet as well. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof AutodidactError)) return undefined;
  const { refusal } = error.details;
  return refusal === "final" || refusal === "may-pass" ? refusal : undefined;
}
