/**
 * @file The gate of a run: asked once, before the first round, of what will judge it.
 */
import {
  judgeGate,
  judgeOnFixedSet,
  type GateResult,
} from "../../evaluation/gate.js";
import type { JudgeMetrics } from "../../evaluation/judge-metrics.js";
import { AutodidactError } from "../../foundation/error.js";
import { rewardSource } from "../../rewarding/sources/reward-sources.js";
import type { RunContext } from "./run-context.js";

/**
 * Tells of a judge that is too weak.
 * @param metrics of the judge on the fixed set
 * @param leave writes the report before the run ends here
 * @returns null where no model judges and none was tried: then there is nothing to ask
 * @throws GATE unless the run is forced
 */
export async function passGate(
  { recipe, emit }: Pick<RunContext, "recipe" | "emit">,
  metrics: JudgeMetrics,
  options: {
    readonly force: boolean;
    readonly leave: (gate: GateResult) => Promise<void>;
  },
): Promise<GateResult | null> {
  const { source, reward, gate: threshold } = recipe.judge;
  const { judge } = rewardSource(source);
  if (judge === null && metrics.pairwiseAccuracy === null) return null;
  const kind =
    judge === "rewardModel"
      ? "reward-model"
      : judge === "endpoint"
        ? "endpoint"
        : "model";
  const sampled = kind !== "reward-model" && reward === "samples";
  const gate = judgeGate({
    judge: judgeOnFixedSet({ kind, sampled }, metrics),
    threshold,
    forced: options.force,
  });
  if (gate.passed) return gate;
  const measured = gate.judgeAccuracy;
  emit({
    type: "gate-failed",
    gate: "judge",
    message: gate.sentence,
    measured: measured ?? 0,
    required: threshold,
    forced: gate.forced,
  });
  if (options.force) return gate;
  await options.leave(gate);
  throw new AutodidactError("GATE", gate.sentence, {
    measured,
    required: threshold,
  });
}
