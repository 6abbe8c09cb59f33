/**
 * @file Answers of the work under way, beside the file or the ledger that will have them:
 * a long batch that is stopped, or dies, begins where it was and not anew.
 *
 * One line an answer, {"key", "answer", "usage"}, after one that may name the work; appended
 * in one write as soon as it is there and not flushed: it outlives the program, and a loss
 * of power costs computing only. Whoever has put the answers in their place clears it. A
 * line that was torn says nothing.
 */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { crashPoint } from "../foundation/crash-point.js";
import { storageError } from "../foundation/storage.js";
import type { CallUsage } from "../generation/language-model.js";

const usageSchema = z.object({
  requests: z.number(),
  tokensIn: z.number(),
  tokensOut: z.number(),
  cost: z.number(),
});
const headerSchema = z.object({ of: z.string() });
const lineSchema = z.object({
  key: z.string(),
  answer: z.unknown(),
  usage: usageSchema.exactOptional(),
});

export interface KeptAnswer {
  readonly answer: unknown;
  /** What it took, where the model told. */
  readonly usage?: CallUsage;
}

export class AnswerJournal {
  readonly #path: string;
  #found: Map<string, KeptAnswer> | null = null;
  #size = 0;
  /** The work that the answers are for; null where that is not said. */
  #of: string | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  /** Answers that are kept, those of earlier processes included. */
  get size(): number {
    this.#open();
    return this.#size;
  }

  /** Says what the answers are for, and forgets those for other work. @throws STORAGE */
  belongTo(work: string): void {
    this.#open();
    if (this.#of !== work) this.clear();
    this.#of = work;
  }

  /** What an earlier process kept. */
  find(key: string): KeptAnswer | undefined {
    return this.#open().get(key);
  }

  /** @throws STORAGE */
  keep(key: string, kept: KeptAnswer): void {
    this.#open();
    if (!isWhole(kept.answer)) return;
    const line = JSON.stringify({ key, ...kept });
    const header =
      this.#size > 0 || this.#of === null
        ? ""
        : `${JSON.stringify({ of: this.#of })}\n`;
    this.#write(() => {
      if (this.#size === 0) mkdirSync(dirname(this.#path), { recursive: true });
      appendFileSync(this.#path, `${header}${line}\n`);
    });
    this.#size++;
    crashPoint("answer-kept");
  }

  /** Forgets all: the answers are where they belong. @throws STORAGE */
  clear(): void {
    if (this.size === 0) return;
    this.#found = new Map();
    this.#size = 0;
    this.#write(() => {
      rmSync(this.#path, { force: true });
    });
  }

  #open(): Map<string, KeptAnswer> {
    if (this.#found !== null) return this.#found;
    const found = new Map<string, KeptAnswer>();
    if (existsSync(this.#path)) {
      const text = readFileSync(this.#path, "utf8");
      const lines = text.split("\n").map(valueOf);
      this.#of = headerSchema.safeParse(lines[0]).data?.of ?? null;
      for (const line of lines) {
        const parsed = lineSchema.safeParse(line);
        if (parsed.success) found.set(parsed.data.key, parsed.data);
      }
      // What was torn gets a line of its own.
      if (text !== "" && !text.endsWith("\n"))
        this.#write(() => {
          appendFileSync(this.#path, "\n");
        });
    }
    this.#size = found.size;
    this.#found = found;
    return found;
  }

  #write(change: () => void): void {
    try {
      change();
    } catch (cause) {
      throw storageError(this.#path, cause);
    }
  }
}

/** Whether an answer comes back from JSON as it was: some numbers do not. */
function isWhole(answer: unknown): boolean {
  if (typeof answer === "number") return Number.isFinite(answer);
  return (
    typeof answer !== "object" ||
    answer === null ||
    Object.values(answer).every(isWhole)
  );
}

/** Undefined for a line that was torn. */
function valueOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
