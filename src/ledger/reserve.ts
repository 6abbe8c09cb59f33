/**
 * @file Space held beside a ledger while it is written: given up when the disk is full, so
 * that the answers then under way, which are paid for, can still be kept.
 */
import { randomBytes } from "node:crypto";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { storageError } from "../foundation/storage.js";

/** Bytes; room for the answers of a few hundred requests in flight. */
const SIZE = 2 ** 20;

export class Reserve {
  readonly #path: string;

  constructor(ledgerPath: string) {
    this.#path = `${ledgerPath}.reserve`;
  }

  /** Takes the space; that of a killed process is taken over. @throws STORAGE */
  hold(): void {
    if (existsSync(this.#path)) return;
    try {
      // Zeros would take no space on a file system that compresses.
      writeFileSync(this.#path, randomBytes(SIZE), { flush: true });
    } catch (cause) {
      this.giveUp();
      throw storageError(this.#path, cause);
    }
  }

  /** @returns whether there was any space to give up */
  giveUp(): boolean {
    const held = existsSync(this.#path);
    rmSync(this.#path, { force: true });
    return held;
  }
}
