/**
 * @file The loss of a reward model on ranked pairs (Bradley and Terry 1952; Ouyang et al.
 * 2022, eq. 1), as TRL's RewardTrainer computes it.
 *
 * Sequences come as [chosen₀ … chosenₙ₋₁, rejected₀ … rejectedₙ₋₁], each with one target:
 * the reward after its last token. With r_c, r_r the rewards of a pair, m its margin and
 * c = `centerRewardsCoefficient` (Eisenstein et al. 2023, eq. 2):
 *   −log σ(r_c − r_r − m) + c·(r_c + r_r)²
 * averaged over pairs. Equal rewards without a margin give ln 2.
 */
import type { GraphBuilder, Value } from "../../engine/graph/graph.js";
import { float32Tensor } from "../../engine/tensor/host-tensor.js";
import type { PackedBatch } from "../../models/packing.js";
import { acrossPairs, ownersOf, sumBySequence } from "./by-sequence.js";
import type { BoundObjective } from "./objective.js";

export interface RankingTerms {
  /** Of each pair: by how much the chosen reward is to be larger. */
  readonly margins: readonly number[];
  readonly centerRewardsCoefficient: number;
  /** Pairs in the whole optimizer step; the loss is their mean. */
  readonly stepPairs: number;
}

/** @param batch both sides of `margins.length` pairs */
export function rankingObjective(
  batch: PackedBatch,
  { margins, centerRewardsCoefficient, stepPairs }: RankingTerms,
): BoundObjective {
  const pairs = margins.length;
  const share = Float32Array.of(1 / stepPairs);
  return {
    key: `ranking:${pairs}:${centerRewardsCoefficient}`,
    build: (graph, rewards) =>
      buildLoss(graph, rewards, pairs, centerRewardsCoefficient),
    feeds: {
      ...ownersOf(batch, 2 * pairs),
      margins: float32Tensor(Float32Array.from(margins), [pairs, 1]),
      pairShare: float32Tensor(share, []),
    },
  };
}

function buildLoss(
  graph: GraphBuilder,
  targetValues: Value,
  pairs: number,
  center: number,
): Value {
  const rewards = sumBySequence(graph, targetValues, 2 * pairs);
  const lead = graph.subtract(
    acrossPairs(graph, rewards, -1),
    graph.input("margins", [pairs, 1]),
  );
  // −log σ(x) = softplus(−x)
  const ranked = graph.apply("softplus", [graph.negate(lead)], {});
  const sum = acrossPairs(graph, rewards, 1);
  const losses =
    center === 0
      ? ranked
      : graph.add(ranked, graph.scale(graph.multiply(sum, sum), center));
  return graph.multiply(graph.sum(losses), graph.input("pairShare", []));
}
