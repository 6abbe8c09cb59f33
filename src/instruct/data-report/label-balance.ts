/**
 * @file Whether the classification tasks use their labels evenly.
 *
 * The paper generates labels first because input-first answers lean to one label
 * (section 2.2); this shows whether that worked.
 */
import { countNames, entropy, type Count } from "./counts.js";
import type { ReportTask } from "./report-task.js";
import { mean } from "../../foundation/statistics.js";

export interface LabelBalance {
  readonly tasks: number;
  readonly instances: number;
  /** Tasks with at least two instances; only these can be uneven. */
  readonly comparableTasks: number;
  /** Comparable tasks of which all instances have one label. */
  readonly oneLabelTasks: number;
  /**
   * Mean over comparable tasks of the entropy of the labels over the entropy that
   * as many instances could have: 1 is all different or even, 0 is one label.
   */
  readonly evenness: number;
  /** The commonest labels over all tasks. */
  readonly commonest: readonly Count[];
}

export function labelBalance(
  tasks: readonly ReportTask[],
  most = 20,
): LabelBalance {
  const classification = tasks.filter((task) => task.isClassification);
  const labels = classification.map((task) =>
    task.instances.map(({ output }) => output.trim().toLowerCase()),
  );
  const comparable = labels.filter((names) => names.length > 1);
  return {
    tasks: classification.length,
    instances: labels.reduce((sum, names) => sum + names.length, 0),
    comparableTasks: comparable.length,
    oneLabelTasks: comparable.filter((names) => new Set(names).size === 1)
      .length,
    evenness: mean(comparable.map(evennessOf)) ?? 0,
    commonest: countNames(labels.flat()).slice(0, most),
  };
}

function evennessOf(names: readonly string[]): number {
  const counts = countNames(names);
  // With k labels over n instances the most even spread is the yardstick.
  const largest = Math.log2(Math.max(2, counts.length));
  return entropy(counts) / largest;
}
