/**
 * @file Whether the classification tasks use their labels evenly.
 *
 * The paper generates labels first because input-first answers lean to one label
 * (section 2.2); this shows whether that worked.
 */
import { countNames, entropy } from "./counts.js";
import type { LabelBalance } from "./report-schema.js";
import type { ReportTask } from "./report-task.js";
import { mean } from "../../foundation/statistics.js";

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
