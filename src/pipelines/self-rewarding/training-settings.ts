/**
 * @file From the recipe's training keys to what a trainer takes: rows as long as the
 * base model has room for, LoRA merged into an ordinary checkpoint.
 */
import type { SelfRewardingRecipe } from "../../recipes/self-rewarding.js";
import type { OptimizationSettings } from "../../training/trainer.js";
import type { RunContext } from "./run-context.js";

/** The keys that `teaching` and `preference` share. */
export type OptimizationKeys = Omit<
  SelfRewardingRecipe["teaching"],
  "judgeWeight" | "promptWritingRows"
>;

export function optimizationSettings(
  { base }: Pick<RunContext, "base">,
  { lora, maxLength, ...keys }: OptimizationKeys,
  seed: number,
): OptimizationSettings {
  const settings = {
    ...keys,
    maxLength: Math.min(maxLength, base.checkpoint.config.maxPositions),
    shuffle: true,
    seed,
  };
  if (lora === null) return settings;
  const { rank, alpha, targets } = lora;
  // Said only where it differs: a training begun before there was a choice goes on.
  const frozen = lora.base === "float32" ? {} : { base: lora.base };
  return {
    ...settings,
    lora: { rank, alpha, targets, output: "merged", ...frozen },
  };
}

/** Where the adapter of a model goes, when the recipe wants it kept. */
export function adapterPlace(
  { lora }: Pick<OptimizationKeys, "lora">,
  checkpoint: string,
): { readonly adapterOutput?: string } {
  return lora?.keepAdapter ? { adapterOutput: `${checkpoint}-adapter` } : {};
}
