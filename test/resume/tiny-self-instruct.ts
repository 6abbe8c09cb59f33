/**
 * @file A run of Self-Instruct with training that takes seconds: the nursery's model
 * and files, cut down to a few rows. It shows order and resumption, not learning.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { cutSeeds, ROOT } from "./recipe-files.js";

/** Writes the cut files and a recipe into `folder`; returns the recipe's path. */
export function writeTinySelfInstruct(folder: string): string {
  const { seeds, heldOut } = cutSeeds(folder, {
    seeds: ["seed-tasks", 40],
    heldOut: ["held-out", 24],
  });
  const short = { batchSize: 8, maxLength: 192, beta2: 0.98 };
  const recipe = {
    kind: "self-instruct",
    name: "tiny-self-instruct",
    base: join(ROOT, "nursery", "m0"),
    verifier: "nursery",
    heldOut,
    instruct: {
      language: "nursery",
      seeds,
      style: "chat",
      accept: 24,
      newInstructions: 3,
      maxInstances: 1,
      instanceAnswers: 2,
      novelty: 0.9,
      inFlight: 8,
      sampling: {
        instructions: { temperature: 0.7, topP: 0.9, maxTokens: 32 },
        classification: { temperature: 0, maxTokens: 3 },
        instances: { temperature: 0.7, maxTokens: 12 },
      },
    },
    author: {
      tasks: {
        ...short,
        lists: 16,
        written: 2,
        learningRate: 1.5e-3,
        epochs: 2,
      },
      instances: { ...short, learningRate: 1e-3, epochs: 4 },
    },
    training: { ...short, learningRate: 1e-3, steps: 4, seedRepeats: 2 },
    controls: ["seeds", "unfiltered"],
    evaluation: { samplesPerPrompt: 1, maxTokens: 12, resamples: 100 },
  };
  const path = join(folder, "tiny-self-instruct.yaml");
  writeFileSync(path, stringify(recipe));
  return path;
}
