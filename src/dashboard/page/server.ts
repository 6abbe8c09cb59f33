/**
 * @file Asking the dashboard's server. Every failure is a `PageError` with a sentence of
 * the server, or, where there was none, with a code that the page has words for.
 */
import { useEffect, useState } from "preact/hooks";
import type { ApiFailure } from "../api/api.js";

/** `UNREACHABLE`: nobody answered; `UNREADABLE`: what came is not an answer of ours. */
export class PageError extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    sentence: string,
  ) {
    super(sentence);
  }
}

type Watcher = (reached: boolean) => void;
const watchers = new Set<Watcher>();
let reachable = true;

/** Told by whoever asks the server: whether it answered. */
export function tellReached(reached: boolean): void {
  reachable = reached;
  for (const watcher of watchers) watcher(reached);
}

/** Whether the server answered the last time it was asked. */
export function useReachable(): boolean {
  const [state, setState] = useState(reachable);
  useEffect(() => {
    watchers.add(setState);
    setState(reachable);
    return () => {
      watchers.delete(setState);
    };
  }, []);
  return state;
}

/** Address of the API: path parts are encoded here. */
export function apiAddress(parts: readonly (string | number)[]): string {
  return ["api", ...parts.map((part) => encodeURIComponent(part))].join("/");
}

async function refusal(response: Response): Promise<PageError> {
  const failure = (await response
    .json()
    .catch(() => null)) as ApiFailure | null;
  return typeof failure?.error === "string"
    ? new PageError(failure.code, response.status, failure.error)
    : new PageError("UNREADABLE", response.status, response.statusText);
}

/**
 * The types are the contract's, which both sides are compiled with: an answer is not
 * checked again.
 *
 * @throws {PageError}; the abort's own error when `signal` was raised
 */
export async function ask<T>(
  address: string,
  request: RequestInit = {},
): Promise<T> {
  let response: Response;
  try {
    response = await fetch(address, request);
  } catch (reason) {
    if (request.signal?.aborted === true) throw reason;
    tellReached(false);
    throw new PageError("UNREACHABLE", 0, String(reason));
  }
  tellReached(true);
  if (!response.ok) throw await refusal(response);
  return (await response.json()) as T;
}

/** @throws {PageError} */
export function tell<T>(address: string, body: unknown): Promise<T> {
  return ask<T>(address, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

export function asPageError(reason: unknown): PageError {
  return reason instanceof PageError
    ? reason
    : new PageError("UNREADABLE", 0, String(reason));
}
