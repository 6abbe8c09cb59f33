/**
 * @file Every suite by the name that `evaluate --suite` uses: one file and one row each.
 */
import type { Suite } from "./suite.js";
import { exactAnswers } from "./exact.js";
import { ifeval } from "./ifeval.js";
import { superni } from "./superni.js";
import { userOriented } from "./user-oriented.js";

const SUITES = {
  ifeval,
  exact: exactAnswers,
  superni,
  "user-oriented": userOriented,
} satisfies Readonly<Record<string, Suite>>;

export type SuiteName = keyof typeof SUITES;

export const SUITE_NAMES = Object.keys(SUITES) as SuiteName[];

export function suiteNamed(name: SuiteName): Suite {
  return SUITES[name];
}
