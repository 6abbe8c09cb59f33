/**
 * @file Tokens as small integers, in order of first appearance, with how often
 * each occurs in the indexed records.
 *
 * Numbers never change, so a serialized record stays readable.
 */
import { grown } from "./growable-array.js";

/** Number of a token that no record has. */
const UNKNOWN_TOKEN = -1;

export class TokenDictionary {
  readonly #numbers = new Map<string, number>();
  readonly #tokens: string[] = [];
  /** Occurrences in all records, by token number. */
  occurrences = new Int32Array(1024);

  get size(): number {
    return this.#tokens.length;
  }

  /** Number of `token`, or UNKNOWN_TOKEN. */
  find(token: string): number {
    return this.#numbers.get(token) ?? UNKNOWN_TOKEN;
  }

  /** Number of `token`, given one if it is new. */
  include(token: string): number {
    let number = this.#numbers.get(token);
    if (number === undefined) {
      number = this.#tokens.length;
      this.#numbers.set(token, number);
      this.#tokens.push(token);
      this.occurrences = grown(this.occurrences, number + 1);
    }
    return number;
  }

  /** Counts one occurrence of the token `number`. */
  count(number: number): void {
    this.occurrences[number] = (this.occurrences[number] as number) + 1;
  }

  /** The token numbered `number`, which must exist. */
  token(number: number): string {
    return this.#tokens[number] as string;
  }
}
