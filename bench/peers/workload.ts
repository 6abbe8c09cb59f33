/**
 * @file What every peer is given: the shapes of the models, and rows and prompts of
 * words that are one token each, so that all peers see the same tokens.
 */
import { randomStream } from "../../src/foundation/random.js";

export type SizeName = "6M" | "18M" | "135M";

export interface Size {
  readonly name: SizeName;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly vocabSize: number;
  readonly maxPositions: number;
  readonly ropeTheta: number;
  /** Train an adapter instead of all weights. */
  readonly lora: boolean;
  /** Steps before the clock starts, and steps on it. */
  readonly steps: { readonly warmup: number; readonly timed: number };
}

export const SIZES: readonly Size[] = [
  {
    name: "6M",
    hiddenSize: 256,
    intermediateSize: 704,
    layers: 7,
    heads: 8,
    keyValueHeads: 4,
    vocabSize: 2048,
    maxPositions: 512,
    ropeTheta: 10_000,
    lora: false,
    steps: { warmup: 4, timed: 12 },
  },
  {
    name: "18M",
    hiddenSize: 384,
    intermediateSize: 1056,
    layers: 10,
    heads: 6,
    keyValueHeads: 3,
    vocabSize: 4096,
    maxPositions: 512,
    ropeTheta: 10_000,
    lora: false,
    steps: { warmup: 3, timed: 5 },
  },
  {
    // The shape of SmolLM2-135M.
    name: "135M",
    hiddenSize: 576,
    intermediateSize: 1536,
    layers: 30,
    heads: 9,
    keyValueHeads: 3,
    vocabSize: 49_152,
    maxPositions: 8192,
    ropeTheta: 100_000,
    lora: true,
    steps: { warmup: 1, timed: 2 },
  },
];

export const BATCH_SIZE = 16;
export const NEW_TOKENS = 32;
export const PROMPTS = 64;
export const CANDIDATES = 4;
/** Prompts whose continuations and probabilities show that two models are one. */
export const CHECKED_PROMPTS = 2;
export const LORA = {
  rank: 16,
  alpha: 32,
  targets: [
    "q_proj",
    "k_proj",
    "v_proj",
    "o_proj",
    "gate_proj",
    "up_proj",
    "down_proj",
  ],
} as const;

/** Lengths in tokens, both ends included. */
export const PROMPT_LENGTH = { least: 8, most: 48 } as const;
export const COMPLETION_LENGTH = { least: 4, most: 48 } as const;

/** Ids of the padding and the end-of-sequence token; words follow. */
export const SPECIAL_TOKENS = ["<pad>", "<end>"] as const;

export interface Workload {
  readonly sft: readonly {
    readonly prompt: string;
    readonly completion: string;
  }[];
  readonly dpo: readonly {
    readonly prompt: string;
    readonly chosen: string;
    readonly rejected: string;
  }[];
  readonly prompts: readonly string[];
}

/** The same rows for the same size at every call. */
export function makeWorkload(size: Size): Workload {
  const random = randomStream(1, "peers", size.name);
  const words = ({ least, most }: { least: number; most: number }): string =>
    Array.from(
      { length: least + random.integer(most - least + 1) },
      () => `w${random.integer(size.vocabSize - SPECIAL_TOKENS.length)}`,
    ).join(" ");
  const rows = BATCH_SIZE * (size.steps.warmup + size.steps.timed);
  const completion = () => ` ${words(COMPLETION_LENGTH)}`;
  return {
    sft: Array.from({ length: rows }, () => ({
      prompt: words(PROMPT_LENGTH),
      completion: completion(),
    })),
    dpo: Array.from({ length: rows }, () => ({
      prompt: words(PROMPT_LENGTH),
      chosen: completion(),
      rejected: completion(),
    })),
    prompts: Array.from({ length: PROMPTS }, () => words(PROMPT_LENGTH)),
  };
}

const count = (text: string): number => text.trim().split(" ").length;

/** Real tokens of the rows on the clock; each completion is closed by one more token. */
export function timedTokens(
  size: Size,
  kind: "sft" | "dpo",
  workload: Workload,
): number {
  const first = BATCH_SIZE * size.steps.warmup;
  const tokens =
    kind === "sft"
      ? workload.sft.map((row) => count(row.prompt) + count(row.completion) + 1)
      : workload.dpo.map(
          (row) =>
            2 * count(row.prompt) + count(row.chosen) + count(row.rejected) + 2,
        );
  return tokens.slice(first).reduce((sum, n) => sum + n, 0);
}
