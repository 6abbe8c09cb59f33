/**
 * @file One request outside of all accounts: to find out about a server, never for an
 * answer that is wanted.
 */
import { failureOfError, failureOfTimeOut } from "./failure.js";
import type { Failure, HttpAnswer } from "./failure.js";
import type { HttpRequest, Transport } from "./transport.js";

/** Sent once. @param allowedMs longest wait for the answer */
export async function askOnce(
  transport: Transport,
  request: Omit<HttpRequest, "signal">,
  allowedMs: number,
): Promise<HttpAnswer | Failure> {
  const signal = AbortSignal.timeout(allowedMs);
  try {
    return await transport.send({ ...request, signal });
  } catch (cause) {
    return signal.aborted ? failureOfTimeOut(allowedMs) : failureOfError(cause);
  }
}
