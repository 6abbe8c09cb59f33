/**
 * @file A run of the whole loop that takes seconds: the nursery's models and files, cut
 * down to a few rows. It shows order and resumption, not learning.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import {
  changed,
  cutSeeds,
  LOOP_FILES,
  ROOT,
  type Changes,
} from "./recipe-files.js";

/**
 * Writes the cut files and a recipe into `folder`; returns the recipe's path.
 * @param changes of its keys
 */
export function writeTinyRecipe(folder: string, changes: Changes = {}): string {
  const short = { batchSize: 8, maxLength: 192, beta2: 0.98 };
  const recipe = {
    name: "tiny",
    rounds: 2,
    base: join(ROOT, "nursery", "m0"),
    verifier: "nursery",
    data: cutSeeds(folder, LOOP_FILES),
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
  };
  const path = join(folder, "tiny.yaml");
  writeFileSync(path, stringify(changed(recipe, changes)));
  return path;
}
