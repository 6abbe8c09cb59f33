/**
 * @file What becomes of the instructions in one answer: the filters, the novelty
 * of the pool, and the place where the run is full.
 *
 * The one place in which instructions are filtered, in a run and in a replay alike.
 * It owns the pool; answers must be given to it in the order
 * of their requests.
 */
import { checkInstruction } from "./language-packs/check.js";
import type {
  InstructionRuleName,
  LanguagePack,
  RuleName,
} from "./language-packs/language-pack.js";
import { InstructionPool } from "./pool.js";
import type { FragmentReason, Parsed } from "./records.js";
import { TextPool, type PoolMember } from "../novelty/text-pool.js";

/** A pool member by the order of entry: seeds first, then what was accepted. */
export interface NearestMember {
  /** From 0. */
  readonly place: number;
  readonly instruction: string;
  /** ROUGE-L F-measure. */
  readonly score: number;
}

export type RejectionRule =
  | FragmentReason
  | InstructionRuleName
  /** Word for word in the pool already. */
  | "duplicate"
  /** Too similar to a pool member. */
  | "not-novel"
  /** Good, but the run had enough by then. */
  | "surplus"
  /** The answer had no text at all. */
  | "empty-answer";

/** One piece of an answer, and what became of it. */
export type FilteredPiece =
  | {
      readonly accepted: true;
      readonly instruction: string;
      /** Its most similar earlier pool member, where asked for. */
      readonly nearest?: NearestMember;
    }
  | {
      readonly accepted: false;
      readonly text: string;
      readonly rule: RejectionRule;
      readonly evidence?: string;
      readonly nearest?: NearestMember;
    };

export interface InstructionFilterOptions {
  readonly seeds: readonly string[];
  readonly pack: LanguagePack;
  readonly enabled: ReadonlySet<RuleName>;
  /** ROUGE-L above which an instruction is rejected. */
  readonly novelty: number;
  /** Accepted instructions after which the rest is surplus. */
  readonly accept: number;
  /** Look for the nearest neighbour of every instruction, not only of repeated and similar ones. */
  readonly nearest: boolean;
}

export class InstructionFilter {
  readonly pool: InstructionPool;
  readonly #options: InstructionFilterOptions;
  readonly #texts: TextPool;

  /** @throws BAD_INPUT without seeds, USAGE for a threshold outside [0, 1] */
  constructor(options: InstructionFilterOptions) {
    this.#options = options;
    this.pool = new InstructionPool(options.seeds);
    this.#texts = new TextPool(options.seeds, {
      novelty: options.novelty,
      tokenizer: options.pack.tokenizer,
    });
  }

  get accepted(): number {
    return this.pool.machineSize;
  }

  get full(): boolean {
    return this.accepted >= this.#options.accept;
  }

  /** Filters the pieces of one answer; what is accepted joins the pool at once. */
  filter(parsed: Parsed<string>): readonly FilteredPiece[] {
    const pieces: FilteredPiece[] = [
      ...parsed.accepted.map((instruction) => this.#filterOne(instruction)),
      ...parsed.rejected.map(({ text, reason }): FilteredPiece => ({
        accepted: false,
        text,
        rule: reason,
      })),
    ];
    return pieces.length > 0
      ? pieces
      : [{ accepted: false, text: "", rule: "empty-answer" }];
  }

  #filterOne(instruction: string): FilteredPiece {
    const { pack, enabled } = this.#options;
    const refuse = (
      rule: RejectionRule,
      more: {
        readonly evidence?: string;
        readonly nearest?: NearestMember;
      } = {},
    ): FilteredPiece => ({ accepted: false, text: instruction, rule, ...more });
    const verdict = checkInstruction(instruction, pack, enabled);
    if (!verdict.accepted) {
      return refuse(verdict.rule, {
        evidence: verdict.evidence,
        ...this.#nearestAsked(instruction),
      });
    }
    const repeated = this.#texts.repetition(instruction);
    if (repeated !== null)
      return refuse(repeated.rule, { nearest: memberOf(repeated.nearest) });
    if (this.full) return refuse("surplus", this.#nearestAsked(instruction));
    const nearest = this.#nearestAsked(instruction);
    this.#texts.add(instruction);
    this.pool.add(instruction);
    return { accepted: true, instruction, ...nearest };
  }

  /** Where novelty did not decide, the nearest member is looked for only on demand. */
  #nearestAsked(instruction: string): { readonly nearest?: NearestMember } {
    const nearest = this.#options.nearest
      ? this.#texts.nearest(instruction)
      : undefined;
    return nearest === undefined ? {} : { nearest: memberOf(nearest) };
  }
}

function memberOf({ place, text, score }: PoolMember): NearestMember {
  return { place, instruction: text, score };
}
