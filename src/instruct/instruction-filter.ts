/**
 * @file What becomes of the instructions in one answer: the filters, the novelty
 * of the pool, and the place where the run is full.
 *
 * The one place in which instructions are judged, in a run and in a replay alike.
 * It owns the pool and the novelty index; answers must be given to it in the order
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
import { NoveltyIndex, type Neighbour } from "../novelty/novelty-index.js";
import { NOVELTY_TOKENIZERS } from "../novelty/novelty-tokenizer.js";

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

/** One piece of an answer, judged. */
export type Judged =
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

export interface InstructionJudgeOptions {
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

export class InstructionJudge {
  readonly pool: InstructionPool;
  readonly #options: InstructionJudgeOptions;
  readonly #index: NoveltyIndex;
  readonly #members: string[];
  /** Members by their text, with their place. */
  readonly #known: Map<string, number>;

  /** @throws BAD_INPUT without seeds, USAGE for a threshold outside [0, 1] */
  constructor(options: InstructionJudgeOptions) {
    this.#options = options;
    this.pool = new InstructionPool(options.seeds);
    this.#index = new NoveltyIndex({ threshold: options.novelty });
    this.#members = [...options.seeds];
    this.#known = new Map(options.seeds.map((seed, place) => [seed, place]));
    for (const seed of options.seeds) this.#index.add(this.#tokens(seed));
  }

  get accepted(): number {
    return this.pool.machineSize;
  }

  get full(): boolean {
    return this.accepted >= this.#options.accept;
  }

  /** Judges the pieces of one answer; what is accepted joins the pool at once. */
  judge(parsed: Parsed<string>): readonly Judged[] {
    const pieces: Judged[] = [
      ...parsed.accepted.map((instruction) => this.#judgeOne(instruction)),
      ...parsed.rejected.map(({ text, reason }): Judged => ({
        accepted: false,
        text,
        rule: reason,
      })),
    ];
    return pieces.length > 0
      ? pieces
      : [{ accepted: false, text: "", rule: "empty-answer" }];
  }

  #judgeOne(instruction: string): Judged {
    const { pack, enabled } = this.#options;
    const refuse = (
      rule: RejectionRule,
      more: {
        readonly evidence?: string;
        readonly nearest?: NearestMember;
      } = {},
    ): Judged => ({ accepted: false, text: instruction, rule, ...more });
    const verdict = checkInstruction(instruction, pack, enabled);
    const tokens = this.#tokens(instruction);
    if (!verdict.accepted) {
      return refuse(verdict.rule, {
        evidence: verdict.evidence,
        ...this.#nearestAsked(tokens),
      });
    }
    const place = this.#known.get(instruction);
    if (place !== undefined) {
      return refuse("duplicate", { nearest: { place, instruction, score: 1 } });
    }
    const decision = this.#index.probe(tokens);
    if (!decision.accepted) {
      return refuse("not-novel", { nearest: this.#member(decision.nearest) });
    }
    if (this.full) return refuse("surplus", this.#nearestAsked(tokens));
    return this.#accept(instruction, tokens);
  }

  #accept(instruction: string, tokens: readonly string[]): Judged {
    const accepted: Judged = {
      accepted: true,
      instruction,
      ...this.#nearestAsked(tokens),
    };
    this.#index.add(tokens);
    this.#members.push(instruction);
    this.#known.set(instruction, this.#members.length - 1);
    this.pool.add(instruction);
    return accepted;
  }

  /** Where novelty did not decide, the nearest member is looked for only on demand. */
  #nearestAsked(tokens: readonly string[]): {
    readonly nearest?: NearestMember;
  } {
    const nearest = this.#options.nearest
      ? this.#index.nearest(tokens)
      : undefined;
    return nearest === undefined ? {} : { nearest: this.#member(nearest) };
  }

  #member({ id, score }: Neighbour): NearestMember {
    return { place: id, instruction: this.#members[id] ?? "", score };
  }

  #tokens(text: string): string[] {
    return NOVELTY_TOKENIZERS[this.#options.pack.tokenizer](text);
  }
}
