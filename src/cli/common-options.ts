/**
 * @file Options that several commands have, each written once.
 */
import type { OptionTable } from "./command.js";

export const DEVICE = {
  kind: "choice",
  choices: ["cpu", "cuda", "webgpu", "auto"],
  default: "cpu",
  description: "Where the embedded engine computes",
} as const satisfies OptionTable[string];

export const WEIGHTS = {
  kind: "choice",
  choices: ["float32", "int8"],
  default: "float32",
  description:
    "How the embedded engine keeps the linear layers: int8 is faster, a quarter of the memory, and rounds",
} as const satisfies OptionTable[string];

export const MODEL = {
  kind: "text",
  placeholder: "DIR|ID",
  description:
    "Checkpoint folder, adapter folder, or Hub id (owner/name or owner/name@revision)",
  required: true,
} as const satisfies OptionTable[string];

export const SEED = {
  kind: "number",
  integer: true,
  min: 0,
  placeholder: "N",
  description: "Seed of everything random",
  default: 1,
} as const satisfies OptionTable[string];

/** A temperature of 0 is greedy. */
export const TEMPERATURE = {
  kind: "number",
  placeholder: "T",
  min: 0,
  description: "Sampling temperature; 0 is greedy",
  default: 0.7,
} as const satisfies OptionTable[string];

export const TOP_P = {
  kind: "number",
  placeholder: "P",
  min: 0,
  max: 1,
  description: "Nucleus of this probability mass; 1 switches it off",
  default: 0.9,
} as const satisfies OptionTable[string];
