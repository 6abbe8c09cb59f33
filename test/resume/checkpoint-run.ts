/**
 * @file A run of the whole loop with LoRA on a checkpoint of another making: a tiny
 * Llama by the real transformers, with its byte-level BPE tokenizer and its chat
 * template. The weights are random and stay nearly so; it shows the machinery.
 */
import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { changed, cutSeeds, ROOT, type Changes } from "./recipe-files.js";

const CHECKPOINT = join(ROOT, "test/fixtures/checkpoints/llama");

const FILES = {
  ift: ["ift", 24],
  eft: ["eft", 48],
  heldOut: ["held-out", 8],
  judgeFixed: ["judge-fixed", 8],
  judgeTest: ["judge-test", 3],
} as const;

/** Longest row in characters, almost as many tokens: the model has room for 128. */
const LONGEST = 220;

/** Copies the checkpoint into `folder`, without what a test wants missing. */
export function copyCheckpoint(
  folder: string,
  without: readonly string[] = [],
): string {
  const copy = join(folder, "checkpoint");
  cpSync(CHECKPOINT, copy, { recursive: true });
  for (const name of ["lora", ...without])
    rmSync(join(copy, name), { recursive: true, force: true });
  return copy;
}

/** Writes the short rows of the nursery's files and a recipe into `folder`; returns its path. */
export function writeCheckpointRecipe(
  folder: string,
  changes: Changes = {},
): string {
  const lora = { rank: 8, alpha: 16, keepAdapter: true };
  // Random layers can be taught to speak only through their head.
  const targets = ["q_proj", "v_proj", "o_proj", "down_proj", "lm_head"];
  const recipe = {
    name: "checkpoint",
    rounds: 2,
    base: "./checkpoint",
    data: cutSeeds(folder, FILES, (line) => line.length < LONGEST),
    saveEvery: 7,
    teaching: {
      lora: { ...lora, targets },
      learningRate: 2e-2,
      epochs: 8,
      batchSize: 8,
      promptWritingRows: 16,
    },
    prompts: {
      count: 10,
      maxRequestsPerPrompt: 8,
      seedExamples: 1,
      ownExamples: 0,
      temperature: 1,
      topP: 1,
      maxTokens: 24,
      template: "new {tasks}",
      separator: " ; ",
      novelty: 0.98,
      minWords: 1,
    },
    candidates: { n: 3, temperature: 1, topP: 1, maxTokens: 8 },
    judge: {
      reward: "expected",
      maxTokens: 12,
      template: "rate {prompt} = {response}",
      answer: "score : {score}",
      gate: 0,
    },
    pairs: { minMargin: 0, finishedOnly: false },
    preference: {
      lora,
      batchSize: 4,
      learningRate: 5e-3,
      epochs: 2,
      rehearsalEvery: 2,
      rehearsalBatchSize: 4,
    },
    evaluation: { samplesPerPrompt: 1, maxTokens: 8, resamples: 100 },
    stop: {
      judgeFloor: null,
      judgeFall: null,
      topScoreShare: null,
      malformedShare: null,
      minimumPairs: null,
      lengthRatio: null,
    },
  };
  const path = join(folder, "checkpoint.yaml");
  writeFileSync(path, stringify(changed(recipe, changes)));
  return path;
}
