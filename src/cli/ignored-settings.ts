/**
 * @file A word about what a checkpoint asks for and does not get: `transformers` follows
 * some settings of generation_config.json in greedy answers too.
 */
import type { Checkpoint } from "../checkpoints/checkpoint.js";
import type { EventListener } from "../events/run-event.js";

/** Warns once where a model's own settings are not applied. */
export function tellIgnored(
  { ignoredSettings }: Checkpoint,
  emit: EventListener,
): void {
  if (ignoredSettings.length === 0) return;
  emit({
    type: "warning",
    code: "generation-config",
    message: `generation_config.json of the model asks for ${ignoredSettings.join(", ")}, which is not applied: answers are sampled as the options say.`,
  });
}
