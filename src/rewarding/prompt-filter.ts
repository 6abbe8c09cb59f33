/**
 * @file What becomes of a prompt that the model wrote: it joins the pool, or a rule
 * refuses it (Self-Rewarding, section 2.2; filters of Self-Instruct, section 2.2).
 *
 * Answers must come in the order of their requests.
 */
import type { Completion } from "../generation/language-model.js";
import type { NoveltyTokenizer } from "../novelty/novelty-tokenizer.js";
import { TextPool } from "../novelty/text-pool.js";

export interface PromptFilterSettings {
  /** ROUGE-L above which a prompt is too like one of the pool. */
  readonly novelty: number;
  readonly tokenizer: NoveltyTokenizer;
  /** In words between spaces. */
  readonly minWords: number;
  readonly maxWords: number;
  /** What stands between tasks in a request; in an answer it means several tasks. */
  readonly separator: string;
}

export type PromptRule =
  | "unfinished"
  | "empty"
  | "too-short"
  | "too-long"
  | "several-tasks"
  | "duplicate"
  | "held-out"
  | "not-novel";

/** Why a prompt was refused, in the form of a rejection row. */
export interface PromptRefusal {
  readonly rule: PromptRule | "surplus";
  /** What the rule compared: a count of words, or the similarity. */
  readonly score?: number;
  readonly evidence?: { readonly nearest: string | null };
}

export type PromptVerdict =
  /** `similarity` to its nearest pool member before it joined; null in an empty pool. */
  { readonly similarity: number | null } | { readonly refusal: PromptRefusal };

export class PromptFilter {
  readonly #settings: PromptFilterSettings;
  readonly #heldOut: ReadonlySet<string>;
  readonly #pool: TextPool;

  /**
   * @param pool prompts that are there already
   * @param heldOut prompts that are measured on and so must not be written
   */
  constructor(
    pool: readonly string[],
    heldOut: ReadonlySet<string>,
    settings: PromptFilterSettings,
  ) {
    this.#settings = settings;
    this.#heldOut = heldOut;
    this.#pool = new TextPool(pool, settings);
  }

  /** Judges one answer; what is accepted joins the pool at once. */
  offer(completion: Pick<Completion, "text" | "finishReason">): PromptVerdict {
    const text = completion.text.trim();
    const refusal =
      completion.finishReason === "stop"
        ? this.#refuse(text)
        : { rule: "unfinished" as const };
    if (refusal !== null) return { refusal };
    const similarity = this.#pool.nearest(text)?.score ?? null;
    this.#pool.add(text);
    return { similarity };
  }

  #refuse(text: string): PromptRefusal | null {
    const { minWords, maxWords, separator } = this.#settings;
    if (text === "") return { rule: "empty" };
    const words = text.split(/\s+/u).length;
    if (words < minWords) return { rule: "too-short", score: words };
    if (words > maxWords) return { rule: "too-long", score: words };
    if (text.includes(separator.trim() || "\n\n"))
      return { rule: "several-tasks" };
    if (this.#heldOut.has(text)) return { rule: "held-out" };
    const repeated = this.#pool.repetition(text);
    if (repeated?.rule !== "not-novel")
      return repeated && { rule: "duplicate" };
    const { score, text: nearest } = repeated.nearest;
    return { rule: "not-novel", score, evidence: { nearest } };
  }
}
