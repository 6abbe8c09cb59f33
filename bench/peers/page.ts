/**
 * @file docs/results/peers.md from the measurements.
 */
import type { Measurement, Runner, Task } from "./measurement.js";
import { SIZES, type SizeName } from "./workload.js";

export interface Results {
  readonly origin: {
    readonly commit: string;
    readonly date: string;
    readonly machine: string;
    readonly versions: string;
  };
  readonly measurements: readonly Measurement[];
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
};

interface Summary {
  readonly runner: Runner;
  readonly setting: string;
  readonly rate: number;
  readonly least: number;
  readonly most: number;
  readonly rounds: number;
  readonly peakMiB: number;
}

function summaries(
  results: Results,
  part: {
    readonly task: Task;
    readonly size: SizeName;
    readonly rate: string;
  },
): Summary[] {
  const groups = new Map<string, Measurement[]>();
  for (const measured of results.measurements) {
    if (measured.task !== part.task || measured.size !== part.size) continue;
    if (measured.rates[part.rate] === undefined) continue;
    const key = `${measured.runner} ${measured.setting}`;
    groups.set(key, [...(groups.get(key) ?? []), measured]);
  }
  return [...groups.values()].map((group) => {
    const rates = group.map(({ rates }) => rates[part.rate] ?? Number.NaN);
    const [{ runner, setting }] = group as [Measurement];
    return {
      runner,
      setting,
      rate: median(rates),
      least: Math.min(...rates),
      most: Math.max(...rates),
      rounds: rates.length,
      peakMiB: Math.max(...group.map(({ peakMiB }) => peakMiB)),
    };
  });
}

function table(results: Results, task: Task, rate: string): string[] {
  const lines = [
    "| size | who | setting | tokens/s | lowest – highest | against our float32 | peak memory MiB |",
    "| --- | --- | --- | --- | --- | --- | --- |",
  ];
  for (const { name } of SIZES) {
    const rows = summaries(results, { task, size: name, rate });
    const own = rows.find(
      ({ runner, setting }) => runner === "ours" && setting === "float32",
    );
    for (const row of rows)
      lines.push(
        `| ${[
          name,
          row.runner,
          row.setting,
          row.rate.toFixed(0),
          `${row.least.toFixed(0)} – ${row.most.toFixed(0)} (${row.rounds})`,
          own === undefined || own === row
            ? ""
            : `${(row.rate / own.rate).toFixed(2)}×`,
          row.peakMiB.toFixed(0),
        ].join(" | ")} |`,
      );
  }
  return lines;
}

/** Ends of lines by hand: tables must stay whole for Prettier. */
export function renderPage(results: Results): string {
  const { origin } = results;
  return [
    "# Side by side with the peers",
    "",
    `Command: \`npx tsx bench/peers/main.ts\`, commit ${origin.commit}, ${origin.date}.`,
    `Machine: ${origin.machine}; ${origin.versions}; node-llama-cpp 3.22.1.`,
    "",
    "## Supervised fine-tuning",
    "",
    ...table(results, "sft", "training"),
    "",
    "## DPO",
    "",
    ...table(results, "dpo", "training"),
    "",
    "## Generation, 64 prompts × 4 candidates",
    "",
    ...table(results, "generate", "candidates"),
    "",
    "## Generation, batch of 64, greedy",
    "",
    ...table(results, "generate", "batch"),
    "",
  ].join("\n");
}
