/**
 * @file docs/results/peers.md from the measurements. What a person has to say about them
 * is in bench/peers/remarks.md and stands at the end of the page.
 */
import { goalTable, type RateOf } from "./goals.js";
import type { Measurement, Runner, Task } from "./measurement.js";
import { profileLines, type Profile } from "./profile.js";
import { SIZES, type SizeName } from "./workload.js";

export interface Results {
  readonly origin: {
    readonly commit: string;
    readonly date: string;
    readonly machine: string;
    readonly versions: string;
  };
  readonly measurements: readonly Measurement[];
  readonly profiles: readonly Profile[];
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1
    ? upper
    : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
};

interface Summary {
  readonly runner: Runner;
  readonly threads: number;
  readonly setting: string;
  /** Median tokens a second, and over processor seconds. */
  readonly rate: number;
  readonly processorRate: number;
  readonly least: number;
  readonly most: number;
  readonly rounds: number;
  readonly peakMiB: number;
}

interface Part {
  readonly task: Task;
  readonly size: SizeName;
  /** Which of a measurement's rates. */
  readonly rate: string;
}

function summaries(results: Results, part: Part): Summary[] {
  const groups = new Map<string, Measurement[]>();
  for (const measured of results.measurements) {
    if (measured.task !== part.task || measured.size !== part.size) continue;
    if (measured.rates[part.rate] === undefined) continue;
    const key = `${measured.threads} ${measured.runner} ${measured.setting}`;
    groups.set(key, [...(groups.get(key) ?? []), measured]);
  }
  return [...groups.values()].map((group) => {
    const rates = group.map(({ rates }) => rates[part.rate] ?? Number.NaN);
    const [{ runner, setting, threads }] = group as [Measurement];
    return {
      runner,
      threads,
      setting,
      rate: median(rates),
      processorRate: median(
        group.map(
          ({ processorRates }) => processorRates[part.rate] ?? Number.NaN,
        ),
      ),
      least: Math.min(...rates),
      most: Math.max(...rates),
      rounds: rates.length,
      peakMiB: median(group.map(({ peakMiB }) => peakMiB)),
    };
  });
}

function table(results: Results, task: Task, rate: string): string[] {
  const lines = [
    "| size | threads | who | setting | tokens/s | lowest – highest (rounds) | tokens a processor second | ours float32 ÷ this | peak memory MiB |",
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
  ];
  for (const { name } of SIZES) {
    const rows = summaries(results, { task, size: name, rate });
    for (const row of rows.sort((a, b) => b.threads - a.threads)) {
      const own = rows.find(
        ({ runner, setting, threads }) =>
          runner === "ours" && setting === "float32" && threads === row.threads,
      );
      lines.push(
        `| ${[
          name,
          row.threads,
          row.runner,
          row.setting,
          row.rate.toFixed(0),
          `${row.least.toFixed(0)} – ${row.most.toFixed(0)} (${row.rounds})`,
          Number.isFinite(row.processorRate)
            ? row.processorRate.toFixed(0)
            : "",
          own === undefined || own === row
            ? ""
            : `${(own.rate / row.rate).toFixed(2)}`,
          row.peakMiB.toFixed(0),
        ].join(" | ")} |`,
      );
    }
  }
  return lines;
}

function rateIn(results: Results): RateOf {
  return ({ task, size, rate, runner, setting }) =>
    summaries(results, { task, size, rate }).find(
      (row) =>
        row.runner === runner && row.setting === setting && row.threads > 1,
    )?.rate;
}

/** @param remarks Markdown that closes the page */
export function renderPage(results: Results, remarks: string): string {
  const { origin, profiles } = results;
  return [
    "# Side by side with the peers",
    "",
    `Command: \`npx tsx bench/peers/main.ts --profile\`, commit ${origin.commit}, ${origin.date}.`,
    `Machine: ${origin.machine}; ${origin.versions}; node-llama-cpp 3.22.1, @huggingface/transformers 4.3.1.`,
    "",
    "The same random weights, made by transformers (135M: the shape of SmolLM2-135M), the same rows and prompts of 8 to 48 tokens with completions of 4 to 48, one process at a time, rounds in alternating order, medians; the end of the page says how far this was kept. Tokens are real ones, padding not counted. Training: batches of 16 rows (DPO: 16 pairs, the reference pass included), AdamW, all weights at 6M and 18M, LoRA of rank 16 on every linear layer at 135M. Peak memory is that of the whole process.",
    "",
    "## Against the goals",
    "",
    "Tokens a second of ours divided by the peer's, medians, two threads.",
    "",
    ...goalTable(rateIn(results)),
    "",
    "## Supervised fine-tuning",
    "",
    ...table(results, "sft", "training"),
    "",
    "## DPO",
    "",
    ...table(results, "dpo", "training"),
    "",
    "## Generation, 64 prompts × 4 samples × 32 tokens",
    "",
    ...table(results, "generate", "candidates"),
    "",
    "## Generation, 64 prompts, greedy, 32 tokens",
    "",
    ...table(results, "generate", "batch"),
    "",
    "## Where our time goes",
    "",
    ...profiles.flatMap((profile) => [
      `${profile.size}, ${profile.task}, ${profile.setting}:`,
      "",
      ...profileLines(profile),
      "",
    ]),
    remarks,
  ].join("\n");
}
