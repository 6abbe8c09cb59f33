/**
 * @file The stages that a recipe leads through, in order, when nothing stops it early.
 *
 * Says what comes next to whoever looks on. The run itself never reads this list.
 */
import type { SelfRewardingRecipe } from "../../recipes/self-rewarding.js";

/** Stage names as the ledger records them. */
export function plannedStages(
  recipe: Pick<SelfRewardingRecipe, "rounds">,
): string[] {
  const rounds = Array.from({ length: recipe.rounds }, (_, i) => i + 1);
  return [
    "seeds",
    "M0/base",
    "M0/evaluation",
    "M1/teach",
    "M1/evaluation",
    ...rounds.flatMap((round) => [
      ...["prompts", "candidates", "judgements", "pairs", "train"].map(
        (step) => `round-${round}/${step}`,
      ),
      `M${round + 1}/evaluation`,
    ]),
    "judge-swap",
    "head-to-head",
  ];
}
