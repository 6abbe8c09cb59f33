/**
 * @file What a process of bench/peers is asked and what it answers, as JSON.
 */
import type { LORA, SizeName } from "./workload.js";

export type Task = "sft" | "dpo" | "generate";

export interface MeasurementRequest {
  /** `check` is answered with a Finding. */
  readonly task: Task | "check";
  /** Precision or variant, in the runner's own words. */
  readonly setting: string;
  /** Checkpoint folder. */
  readonly folder: string;
  /** Path of the rows and prompts. */
  readonly workload: string;
  /** Steps before the clock starts. */
  readonly warmup: number;
  readonly batchSize: number;
  readonly newTokens: number;
  readonly candidates: number;
  readonly threads: number;
  readonly lora: typeof LORA | null;
  /** Ours only: tell where the time goes instead of how long it was. */
  readonly profile?: boolean;
}

/** One call that generated. */
export interface Generated {
  readonly seconds: number;
  /** Processor seconds of all threads. */
  readonly processor: number;
  readonly tokens: number;
  /** Greedy continuations of the first two prompts, to see that the models are one. */
  readonly ids: readonly (readonly number[])[];
}

export interface Answer {
  /** Of the timed training steps. */
  readonly seconds?: number;
  readonly processor?: number;
  /** 64 prompts, one greedy continuation each. */
  readonly batch?: Generated;
  /** 64 prompts × 4 samples. */
  readonly candidates?: Generated;
  readonly peakMiB: number;
}

/** What shows that the model of a runner is ours: of the first prompts. */
export interface Finding {
  /** Greedy continuations, up to the end of the sequence. */
  readonly greedy: readonly (readonly number[])[];
  /** Of each prompt's tokens after the first and of its end, natural log, summed. */
  readonly logProbabilities: readonly number[];
}

export type Runner =
  "ours" | "TRL" | "transformers" | "transformers.js" | "llama.cpp";

export interface Variant {
  readonly task: Task;
  readonly size: SizeName;
  readonly runner: Runner;
  readonly setting: string;
}

export interface Measurement extends Variant {
  readonly threads: number;
  /** Real tokens a second: of training, or by workload of generation. */
  readonly rates: Readonly<Record<string, number>>;
  /** The same tokens over processor seconds, which neighbours on the machine disturb less. */
  readonly processorRates: Readonly<Record<string, number>>;
  readonly peakMiB: number;
  /** Greedy continuations of the first two prompts. */
  readonly greedy: readonly (readonly number[])[];
}
