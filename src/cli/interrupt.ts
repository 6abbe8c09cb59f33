/**
 * @file Ctrl-C: the first asks the work to stop in order, the second stops it.
 */
import type { EventEmitter } from "node:events";
import type { AutodidactError } from "../foundation/error.js";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

export interface InterruptParts {
  /** `process`, or a double. */
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
  const handle = (): void => {
    if (controller.signal.aborted) {
      onSecond();
      return;
    }
    onFirst();
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
