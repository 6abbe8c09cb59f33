/**
 * @file The hash split of the world into a training side and a held-out side.
 *
 * Families with large argument spaces hold out about 10 % of the arguments: no raw
 * text, seed row, judge row or prompt pool ever shows one. Families over small facts
 * cannot do that (there are only so many animals): they hold out about 25 % of the
 * exact prompts (phrasing + argument), while the facts themselves are shared with
 * the raw text. The side depends on the text alone, never on a seed, so prompts that
 * a model writes can be tested too.
 */
import { canonicalJson, sha256 } from "../foundation/hash.js";
import type { RandomStream } from "../foundation/random.js";
import {
  drawSlottedTask,
  familyNamed,
  readPrompt,
  type SlottedTask,
} from "./families.js";
import type { Family, NurseryTask, SlotValues } from "./family.js";

/** Share of the argument or prompt space that is held out, by kind of split. */
export const HELD_OUT_SHARE = { argument: 0.1, prompt: 0.25 } as const;

/** Uniform number in [0, 1) that depends on the text alone. */
function fractionOf(text: string): number {
  return parseInt(sha256(text).slice(0, 8), 16) / 2 ** 32;
}

/**
 * Whether an argument belongs to the held-out side. Always false in families that
 * are split by prompt, whose facts are shared.
 */
export function isHeldOutArgument(family: Family, slots: SlotValues): boolean {
  return (
    family.split === "argument" &&
    fractionOf(`${family.name} ${canonicalJson(slots)}`) <
      HELD_OUT_SHARE.argument
  );
}

/** Whether a prompt text is on the held-out side; false for text that is no task. */
export function isHeldOutPrompt(prompt: string): boolean {
  const read = readPrompt(prompt);
  return read !== undefined && isHeldOutTask(read);
}

function isHeldOutTask({ task, slots }: SlottedTask): boolean {
  const family = familyNamed(task.family);
  return family.split === "argument"
    ? isHeldOutArgument(family, slots)
    : fractionOf(`${family.name} ${task.prompt}`) < HELD_OUT_SHARE.prompt;
}

/** Slots whose argument may be shown in training text. */
export function drawTrainingSlots(
  family: Family,
  random: RandomStream,
): SlotValues {
  for (;;) {
    const slots = family.draw(random);
    if (!isHeldOutArgument(family, slots)) return slots;
  }
}

/** A task of the asked side of the split. */
export function drawTaskOfSide(
  family: Family,
  side: "training" | "held-out",
  random: RandomStream,
): NurseryTask {
  for (;;) {
    const drawn = drawSlottedTask(family, random);
    if (isHeldOutTask(drawn) === (side === "held-out")) return drawn.task;
  }
}
