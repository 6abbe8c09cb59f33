/**
 * @file Direct Preference Optimization (Rafailov et al. 2023, eq. 7) and its variants.
 *
 * Sequences come as [chosen₀ … chosenₙ₋₁, rejected₀ … rejectedₙ₋₁]; log-probabilities
 * are shifted and summed over completion tokens, end-of-sequence included. With
 * r_w, r_l the log-ratios policy/reference and d = r_w − r_l, β = `beta`, ε the label
 * smoothing:
 *   sigmoid  −(1−ε)·log σ(βd) − ε·log σ(−βd)   (ε > 0 is conservative DPO; TRL's
 *            `sigmoid` ignores ε, so only ε = 0 is comparable with it)
 *   ipo      (r_w/|w| − r_l/|l| − 1/(2β))²      (Azar et al. 2023, eq. 17, per token as TRL)
 * each averaged over pairs. `lengthNormalized` divides r_w and r_l by their lengths in
 * `sigmoid` too. `nllWeight` adds α times the mean −log p over all chosen tokens of the
 * optimizer step, so that no number depends on how the step is cut into batches.
 *
 * Equal policy and reference give exactly ln 2 (sigmoid) or 1/(4β²) (ipo), NLL aside.
 */
import type { GraphBuilder, Value } from "../../engine/graph/graph.js";
import { float32Tensor } from "../../engine/tensor/host-tensor.js";
import type { PackedBatch } from "../../models/packing.js";
import type { DpoSettings } from "../trainer.js";
import { acrossPairs, ownersOf, sumBySequence } from "./by-sequence.js";
import type { BoundObjective } from "./objective.js";

export type PreferenceSettings = Pick<
  DpoSettings,
  "beta" | "loss" | "labelSmoothing" | "nllWeight" | "lengthNormalized"
>;

/** The whole optimizer step that a batch is a part of. */
export interface PreferenceStep {
  readonly pairs: number;
  /** Completion tokens of all chosen sides. */
  readonly chosenTokens: number;
}

/** @param reference log-probability sums of the reference, [chosen…, rejected…] */
export function preferenceObjective(
  batch: PackedBatch,
  reference: Float32Array,
  settings: PreferenceSettings,
  /** What the means are taken over; the batch itself when absent. */
  step?: PreferenceStep,
): BoundObjective {
  const sequences = reference.length;
  const pairs = sequences / 2;
  const lengths = new Float32Array(sequences);
  for (const owner of batch.targetOwners.subarray(0, batch.targetCount))
    lengths[owner] = (lengths[owner] ?? 0) + 1;
  const chosenTokens = lengths.slice(0, pairs).reduce((a, b) => a + b, 0);
  const { pairs: stepPairs, chosenTokens: stepTokens } = step ?? {
    pairs,
    chosenTokens,
  };
  const nllShare = settings.nllWeight / Math.max(1, stepTokens);
  const nll = new Float32Array(sequences).fill(0).fill(nllShare, 0, pairs);
  return {
    key: `preference:${pairs}:${JSON.stringify(settings)}`,
    build: (graph, logProbabilities) =>
      buildLoss({ graph, logProbabilities, pairs, settings }),
    feeds: {
      ...ownersOf(batch, sequences),
      reference: float32Tensor(reference, [sequences, 1]),
      lengths: float32Tensor(
        lengths.map((n) => Math.max(1, n)),
        [sequences, 1],
      ),
      nllCoefficients: float32Tensor(nll, [sequences, 1]),
      pairShare: float32Tensor(Float32Array.of(1 / stepPairs), []),
    },
  };
}

function buildLoss(step: {
  readonly graph: GraphBuilder;
  readonly logProbabilities: Value;
  readonly pairs: number;
  readonly settings: PreferenceSettings;
}): Value {
  const { graph, logProbabilities, pairs, settings } = step;
  const sequences = 2 * pairs;
  const sums = sumBySequence(graph, logProbabilities, sequences);
  const ratios = graph.subtract(sums, graph.input("reference", [sequences, 1]));
  const normalized = settings.loss === "ipo" || settings.lengthNormalized;
  const rated = normalized
    ? graph.divide(ratios, graph.input("lengths", [sequences, 1]))
    : ratios;
  const difference = acrossPairs(graph, rated, -1);
  const losses = pairLosses(graph, difference, settings);
  const preference = graph.multiply(
    graph.sum(losses),
    graph.input("pairShare", []),
  );
  if (settings.nllWeight === 0) return preference;
  const nll = graph.sum(
    graph.multiply(sums, graph.input("nllCoefficients", [sequences, 1])),
  );
  return graph.subtract(preference, nll);
}

function pairLosses(
  graph: GraphBuilder,
  difference: Value,
  settings: PreferenceSettings,
): Value {
  const { beta, labelSmoothing } = settings;
  if (settings.loss === "ipo") {
    const miss = graph.subtract(difference, graph.scalar(1 / (2 * beta)));
    return graph.multiply(miss, miss);
  }
  // −log σ(x) = softplus(−x)
  const logit = graph.scale(difference, beta);
  const right = graph.apply("softplus", [graph.negate(logit)], {});
  if (labelSmoothing === 0) return right;
  const wrong = graph.apply("softplus", [logit], {});
  return graph.add(
    graph.scale(right, 1 - labelSmoothing),
    graph.scale(wrong, labelSmoothing),
  );
}
