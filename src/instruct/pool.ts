/**
 * @file The pool: every instruction the loop may show the model, in a defined order.
 *
 * Seeds come first, machine-made instructions follow in the order in which they
 * were accepted. Order of entry is all a sample depends on besides its stream, so
 * a pool rebuilt from a record samples what the first one did. The pool asks
 * nothing about novelty or filters; what is added is taken.
 */
import { AutodidactError } from "../foundation/error.js";
import type { RandomStream } from "../foundation/random.js";

export interface PoolExamples {
  readonly seed: number;
  readonly machine: number;
}

export class InstructionPool {
  readonly #seeds: readonly string[];
  readonly #machine: string[] = [];

  /** @throws BAD_INPUT when there is no seed to start from */
  constructor(seeds: readonly string[]) {
    if (seeds.length === 0) {
      throw new AutodidactError(
        "BAD_INPUT",
        "The instruction pool is empty: Self-Instruct needs at least one seed task. Give a seed file with tasks in it, or leave it out to use the bundled ones.",
      );
    }
    this.#seeds = [...seeds];
  }

  /** Seeds and machine-made instructions together. */
  get size(): number {
    return this.#seeds.length + this.#machine.length;
  }

  get machineSize(): number {
    return this.#machine.length;
  }

  /** Adds an accepted instruction at the end. */
  add(instruction: string): void {
    this.#machine.push(instruction);
  }

  /** All instructions in order of entry. */
  *[Symbol.iterator](): IterableIterator<string> {
    yield* this.#seeds;
    yield* this.#machine;
  }

  /**
   * Draws the examples of one prompt: up to `machine` machine-made ones, seeds for
   * the rest of the places, shuffled together (released code,
   * `bootstrap_instructions.py`). While there are too few machine-made ones, seeds
   * take their places; with too few seeds the sample is smaller.
   *
   * @param before only the first so many machine-made instructions may be drawn,
   *   so that a request planned early sees the pool of its turn
   */
  sample(
    wanted: PoolExamples,
    stream: RandomStream,
    before = this.#machine.length,
  ): string[] {
    const machine = stream.sample(
      this.#machine.slice(0, before),
      wanted.machine,
    );
    const seeds = stream.sample(
      this.#seeds,
      wanted.seed + wanted.machine - machine.length,
    );
    return stream.shuffle([...machine, ...seeds]);
  }
}
