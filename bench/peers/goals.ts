/**
 * @file What bench/peers is measured for: ratios of ours to a peer, with the goal that
 * each was set.
 */
import type { Runner, Task } from "./measurement.js";
import type { SizeName } from "./workload.js";

export interface RatedVariant {
  readonly task: Task;
  readonly size: SizeName;
  /** Which of a measurement's rates. */
  readonly rate: string;
  readonly runner: Runner;
  readonly setting: string;
}

/** Tokens a second, the median over rounds; undefined where it was not measured. */
export type RateOf = (variant: RatedVariant) => number | undefined;

interface Goal {
  readonly what: string;
  readonly part: Pick<RatedVariant, "task" | "size" | "rate">;
  readonly runner: Runner;
  /** Settings of the peer; the fastest of them counts. */
  readonly settings: readonly string[];
  /** Setting of the peer for our integers, where it is another one. */
  readonly integers?: string;
  /** Ours ÷ theirs; absent where only the ratio was asked for. */
  readonly atLeast?: number;
}

const BF16 = ["bf16 autocast", "bf16 weights"] as const;
const ALL = ["float32", ...BF16] as const;

function training(
  task: "sft" | "dpo",
  size: SizeName,
  goal: Pick<Goal, "what" | "settings" | "atLeast">,
): Goal {
  return { ...goal, part: { task, size, rate: "training" }, runner: "TRL" };
}

function generating(size: SizeName): Goal[] {
  const candidates = { task: "generate", size, rate: "candidates" } as const;
  const batch = { task: "generate", size, rate: "batch" } as const;
  return [
    {
      what: `64 × 4 at ${size}, transformers float32`,
      part: candidates,
      runner: "transformers",
      settings: ["float32"],
      atLeast: 2,
    },
    {
      what: `64 × 4 at ${size}, transformers' best`,
      part: candidates,
      runner: "transformers",
      settings: ["float32", "bf16 weights"],
      atLeast: 2,
    },
    {
      what: `64 × 4 at ${size}, @huggingface/transformers, same precision`,
      part: candidates,
      runner: "transformers.js",
      settings: ["fp32"],
      integers: "q8",
    },
    {
      what: `batch of 64 at ${size}, llama.cpp, same precision`,
      part: batch,
      runner: "llama.cpp",
      settings: ["f32"],
      integers: "q8_0",
      atLeast: 1,
    },
  ];
}

const GOALS: readonly Goal[] = [
  training("sft", "6M", {
    what: "SFT at 6M, TRL's best",
    settings: ALL,
    atLeast: 1.4,
  }),
  training("dpo", "6M", {
    what: "DPO at 6M, TRL's best",
    settings: ALL,
    atLeast: 2,
  }),
  training("sft", "18M", {
    what: "SFT at 18M, TRL float32",
    settings: ["float32"],
    atLeast: 1,
  }),
  training("sft", "18M", { what: "SFT at 18M, TRL's best", settings: ALL }),
  training("dpo", "18M", { what: "DPO at 18M, TRL's best", settings: ALL }),
  training("sft", "135M", {
    what: "LoRA SFT at 135M, TRL float32",
    settings: ["float32"],
    atLeast: 1,
  }),
  training("sft", "135M", {
    what: "LoRA SFT at 135M, TRL's best",
    settings: ALL,
  }),
  training("dpo", "135M", {
    what: "LoRA DPO at 135M, TRL's best",
    settings: ALL,
  }),
  ...(["6M", "18M", "135M"] as const).flatMap(generating),
];

/** A table of the goals that can be judged. */
export function goalTable(rateOf: RateOf): string[] {
  const rows = GOALS.flatMap((goal) => {
    const own = (setting: string) =>
      rateOf({ ...goal.part, runner: "ours", setting });
    const peer = (settings: readonly string[]): number | undefined => {
      const rates = settings.flatMap(
        (setting) =>
          rateOf({ ...goal.part, runner: goal.runner, setting }) ?? [],
      );
      return rates.length === 0 ? undefined : Math.max(...rates);
    };
    const float = quotient(own("float32"), peer(goal.settings));
    const integers = quotient(
      own(goal.part.task === "generate" ? "int8" : "int8 base"),
      peer(goal.integers === undefined ? goal.settings : [goal.integers]),
    );
    if (float === undefined && integers === undefined) return [];
    return [
      `| ${goal.what} | ${goal.atLeast ?? ""} | ${shown(float)} | ${shown(integers)} | ${verdict(goal.atLeast, float, integers)} |`,
    ];
  });
  return [
    "| ours beside | goal | float32 | int8 | met |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
  ];
}

function quotient(
  own: number | undefined,
  peer: number | undefined,
): number | undefined {
  return own === undefined || peer === undefined ? undefined : own / peer;
}

function shown(ratio: number | undefined): string {
  return ratio?.toFixed(2) ?? "";
}

function verdict(
  atLeast: number | undefined,
  float: number | undefined,
  integers: number | undefined,
): string {
  if (atLeast === undefined) return "";
  if ((float ?? 0) >= atLeast) return "yes";
  return (integers ?? 0) >= atLeast ? "with int8" : "no";
}
