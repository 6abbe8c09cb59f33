/**
 * @file Every verifier by the name that recipes and commands use: one file and one row each.
 */
import { constraints } from "./constraints.js";
import { exact } from "./exact.js";
import { nursery } from "./nursery.js";
import type { Verifier } from "./verifier.js";

/** Null where nobody knows the truth. */
const VERIFIERS = {
  nursery,
  constraints,
  exact,
  none: null,
} satisfies Readonly<Record<string, Verifier | null>>;

export type VerifierName = keyof typeof VERIFIERS;

export const VERIFIER_NAMES = Object.keys(VERIFIERS) as VerifierName[];

export function verifierNamed(name: VerifierName): Verifier | null {
  return VERIFIERS[name];
}
