/**
 * @file Compiled graphs by key, the least recently used one released when there are too
 * many: each holds working memory for its own batch size.
 */
import type { Executable } from "./executable.js";

export class ExecutableCache {
  readonly #limit: number;
  readonly #entries = new Map<string, Promise<Executable>>();

  /** @param limit most executables alive at once, at least 1 */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The executable of `key`, made on first use. It may be released by a later `get`. */
  async get(key: string, make: () => Promise<Executable>): Promise<Executable> {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known;
    }
    while (this.#entries.size >= this.#limit) {
      const [oldest] = this.#entries.keys();
      await this.#evict(oldest as string);
    }
    const made = make();
    this.#entries.set(key, made);
    return made;
  }

  async release(): Promise<void> {
    for (const key of [...this.#entries.keys()]) await this.#evict(key);
  }

  async #evict(key: string): Promise<void> {
    const executable = this.#entries.get(key);
    this.#entries.delete(key);
    await (await executable)?.release();
  }
}
