/**
 * @file Options that several commands have, each written once.
 */
import { choice, integerOption, number, textOption } from "./options.js";

export const DEVICE = choice(
  ["cpu", "cuda", "webgpu", "auto"],
  "Where the embedded engine computes",
  { default: "cpu" },
);

export const WEIGHTS = choice(
  ["float32", "int8"],
  "How the embedded engine keeps the linear layers: int8 is faster, a quarter of the memory, and rounds",
  { default: "float32" },
);

/** How a model is run. */
export const MODEL_USE = { weights: WEIGHTS, device: DEVICE } as const;

export const MODEL = textOption(
  "DIR|ID",
  "Checkpoint folder, adapter folder, or Hub id (owner/name or owner/name@revision)",
  { required: true },
);

export const SEED = integerOption("N", "Seed of everything random", {
  min: 0,
  default: 1,
});

/** A temperature of 0 is greedy. */
export const TEMPERATURE = number("T", "Sampling temperature; 0 is greedy", {
  min: 0,
  default: 0.7,
});

export const TOP_P = number(
  "P",
  "Nucleus of this probability mass; 1 switches it off",
  { min: 0, max: 1, default: 0.9 },
);
