/**
 * @file What the server answers, as state of a component: one answer, or pages of a list
 * that goes on. A lost server is asked again until it answers.
 */
import { useCallback, useEffect, useState } from "preact/hooks";
import { asPageError, ask, type PageError } from "./server.js";

/** Milliseconds between two tries of a server that does not answer. */
const RETRY = 2_000;

export interface ServerAnswer<T> {
  /** Null until the first answer of this address. */
  readonly value: T | null;
  readonly failure: PageError | null;
  /** Asks again; what is there stays until the new answer comes. */
  readonly again: () => void;
}

interface Held<T> {
  readonly address: string;
  readonly value: T | null;
  readonly failure: PageError | null;
}

/**
 * Asks until there is an answer or a refusal; a server that does not answer is asked again.
 * @returns null when it was refused, of which `onFailure` is told, or `signal` was raised
 */
export async function askPatiently<T>(
  address: string,
  signal: AbortSignal,
  onFailure: (failure: PageError) => void,
): Promise<T | null> {
  for (;;) {
    try {
      return await ask<T>(address, { signal });
    } catch (reason) {
      if (signal.aborted) return null;
      const failure = asPageError(reason);
      onFailure(failure);
      if (failure.code !== "UNREACHABLE") return null;
      await new Promise((done) => setTimeout(done, RETRY));
      if (signal.aborted) return null;
    }
  }
}

export function useAnswer<T>(address: string): ServerAnswer<T> {
  const [held, setHeld] = useState<Held<T>>({
    address,
    value: null,
    failure: null,
  });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const leaving = new AbortController();
    const fail = (failure: PageError): void => {
      setHeld((before) => ({
        address,
        value: before.address === address ? before.value : null,
        failure,
      }));
    };
    void askPatiently<T>(address, leaving.signal, fail).then((value) => {
      if (value !== null) setHeld({ address, value, failure: null });
    });
    return () => {
      leaving.abort();
    };
  }, [address, turn]);
  const again = useCallback(() => {
    setTurn((before) => before + 1);
  }, []);
  return held.address === address
    ? { value: held.value, failure: held.failure, again }
    : { value: null, failure: null, again };
}

export interface Pages<P> {
  readonly pages: readonly P[];
  readonly failure: PageError | null;
  readonly loading: boolean;
  /** Null when there are no more. */
  readonly more: (() => void) | null;
}

/** @param address without `after`, which each page's `next` gives */
export function usePages<P extends { readonly next: string | null }>(
  address: string,
): Pages<P> {
  const [held, setHeld] = useState<{
    readonly address: string;
    readonly pages: readonly P[];
  }>({ address, pages: [] });
  const pages = held.address === address ? held.pages : [];
  const [wanted, setWanted] = useState<{ address: string; count: number }>({
    address,
    count: 1,
  });
  const count = wanted.address === address ? wanted.count : 1;
  const last = pages.at(-1);
  const missing = pages.length < count && last?.next !== null;
  const after = last?.next ?? null;
  const next =
    after === null
      ? address
      : `${address}${address.includes("?") ? "&" : "?"}after=${encodeURIComponent(after)}`;
  const [failure, setFailure] = useState<PageError | null>(null);
  useEffect(() => {
    if (!missing) return undefined;
    const leaving = new AbortController();
    setFailure(null);
    void askPatiently<P>(next, leaving.signal, setFailure).then((page) => {
      if (page === null) return;
      setFailure(null);
      setHeld((before) => ({
        address,
        pages: [...(before.address === address ? before.pages : []), page],
      }));
    });
    return () => {
      leaving.abort();
    };
  }, [next, missing]);
  return {
    pages,
    failure,
    loading: missing && failure === null,
    more:
      last === undefined || last.next === null
        ? null
        : () => {
            setWanted({ address, count: pages.length + 1 });
          },
  };
}
