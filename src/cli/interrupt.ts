/**
 * @file Ctrl-C: the first asks the work to stop in order, the second stops it.
 */
import type { EventEmitter } from "node:events";
import type { AutodidactError } from "../foundation/error.js";

/** A closed terminal (SIGHUP) asks like Ctrl-C and like a scheduler. */
export const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
export type SignalName = (typeof SIGNALS)[number];

/** What a person is told after the first signal. */
export const STOPPING =
  "Stopping as soon as everything is in order; press Ctrl-C again to stop at once.";

export interface InterruptParts {
  /** `process`, or what a supervisor passes on; an argument `true` says that the person was told. */
  readonly source: Pick<EventEmitter, "on" | "off">;
  /** What work that was aborted throws (`signal.throwIfAborted()`). */
  readonly reason: AutodidactError;
  /** The first signal came: tell the person. */
  readonly onFirst: () => void;
  /** The second came: leave at once. */
  readonly onSecond: () => void;
}

export interface Interrupt {
  readonly signal: AbortSignal;
  /** Gives the signals back to their default action. */
  release(): void;
}

export function watchInterrupt(parts: InterruptParts): Interrupt {
  const { source, reason, onFirst, onSecond } = parts;
  const controller = new AbortController();
  const handle = (_name: SignalName, told?: unknown): void => {
    if (controller.signal.aborted) {
      onSecond();
      return;
    }
    if (told !== true) onFirst();
    controller.abort(reason);
  };
  for (const name of SIGNALS) source.on(name, handle);
  return {
    signal: controller.signal,
    release: () => {
      for (const name of SIGNALS) source.off(name, handle);
    },
  };
}

/** Resolves when the signal is aborted, or was before. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    else
      signal.addEventListener("abort", () => {
        done();
      });
  });
}
