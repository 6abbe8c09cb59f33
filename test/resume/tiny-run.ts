/**
 * @file A run of the whole loop that takes seconds: the nursery's models and files, cut
 * down to a few rows. It shows order and resumption, not learning.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";

const ROOT = new URL("../..", import.meta.url).pathname;

const FILES = {
  ift: ["ift", 32],
  eft: ["eft", 64],
  heldOut: ["held-out", 24],
  judgeFixed: ["judge-fixed", 16],
  judgeTest: ["judge-test", 6],
} as const;

/**
 * Writes the cut files and a recipe into `folder`; returns the recipe's path.
 * @param engine what computes, where it is not this program's engine
 */
export function writeTinyRecipe(folder: string, engine: object = {}): string {
  const data = Object.fromEntries(
    Object.entries(FILES).map(([key, [name, rows]]) => {
      const lines = readFileSync(
        join(ROOT, "nursery", "seeds", `${name}.jsonl`),
        "utf8",
      ).split("\n");
      writeFileSync(
        join(folder, `${name}.jsonl`),
        `${lines.slice(0, rows).join("\n")}\n`,
      );
      return [key, `${name}.jsonl`];
    }),
  );
  const short = { batchSize: 8, maxLength: 192, beta2: 0.98 };
  const recipe = {
    name: "tiny",
    rounds: 2,
    base: join(ROOT, "nursery", "m0"),
    verifier: "nursery",
    data,
    teaching: {
      ...short,
      learningRate: 1.5e-3,
      epochs: 6,
      promptWritingRows: 64,
    },
    prompts: {
      count: 24,
      maxRequestsPerPrompt: 12,
      temperature: 0.9,
      topP: 1,
      maxTokens: 32,
      template: "write one new task like these : {tasks}",
      separator: " ; ",
      novelty: 0.95,
    },
    candidates: { n: 3, temperature: 1, topP: 1, maxTokens: 12 },
    judge: {
      reward: "expected",
      template:
        "rate kind length partly nearly exact : {prompt} answer : {response}",
      answer: "score : {score}",
      gate: 0,
    },
    pairs: { minMargin: 0, finishedOnly: false },
    preference: {
      ...short,
      batchSize: 4,
      learningRate: 2e-4,
      rehearsalEvery: 2,
      rehearsalBatchSize: 4,
    },
    evaluation: { samplesPerPrompt: 1, maxTokens: 12, resamples: 100 },
    stop: { judgeFall: null, topScoreShare: null, malformedShare: null },
    engine,
  };
  const path = join(folder, "tiny.yaml");
  writeFileSync(path, stringify(recipe));
  return path;
}
