/**
 * @file What a server wrote, followed while it starts.
 */
import type { Attempt } from "../launchers/job.js";
import type { Launcher } from "../launchers/launcher.js";
import {
  lastProgress,
  startFailure,
  type StartFailure,
} from "./start-failure.js";

/** Characters of a log in which a cause is looked for, its last ones. */
const KEPT = 2 ** 20;

export class ServerLog {
  readonly #launcher: Launcher;
  readonly #attempt: Attempt;
  #offset = 0;
  #text = "";

  constructor(launcher: Launcher, attempt: Attempt) {
    this.#launcher = launcher;
    this.#attempt = attempt;
  }

  /** Where it lies. */
  get folder(): string {
    return this.#attempt.job.folder;
  }

  /** Reads what is new. @returns whether there was anything */
  async follow(): Promise<boolean> {
    const start = this.#offset;
    for (;;) {
      const { text, offset } = await this.#launcher.logs(
        this.#attempt,
        this.#offset,
      );
      if (offset <= this.#offset) return offset > start;
      this.#offset = offset;
      this.#text = `${this.#text}${text}`.slice(-KEPT);
    }
  }

  /** The last thing it tells of how far it is; empty where there is nothing. */
  progress(): string {
    return lastProgress(this.#text);
  }

  /** What a start that failed comes down to. */
  failure(): StartFailure {
    return startFailure(this.#text);
  }
}
