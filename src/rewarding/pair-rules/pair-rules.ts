/**
 * @file Every rule for preference pairs by the name that recipes use: one file and one row
 * each.
 */
import { bestAgainstWorst } from "./best-against-worst.js";
import type {
  PairChoice,
  PairRule,
  PairSettings,
  Scored,
} from "./pair-rule.js";

const PAIR_RULES = {
  "best-against-worst": bestAgainstWorst,
} satisfies Readonly<Record<string, PairRule>>;

export type PairRuleName = keyof typeof PAIR_RULES;

export const PAIR_RULE_NAMES = Object.keys(PAIR_RULES) as PairRuleName[];

/** The pair of one prompt by the rule that is named, the paper's when none is. */
export function choosePair<C extends Scored>(
  candidates: readonly C[],
  settings: PairSettings & { readonly rule?: PairRuleName | undefined },
): PairChoice<C> {
  const { rule = "best-against-worst" } = settings;
  return PAIR_RULES[rule](candidates, settings);
}
