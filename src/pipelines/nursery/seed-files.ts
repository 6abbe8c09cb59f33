/**
 * @file The nursery's seed files: what a crowd of annotators would have written.
 *
 * Seed tasks for Self-Instruct, all right; IFT rows of mixed quality; EFT rows whose answers come from a model taught on the IFT
 * rows alone, from corruption and from the key, labelled by the verifier in the place
 * of a human annotator; held-out prompts and judge sets that nothing trains on.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeJsonLines } from "../../foundation/json-lines.js";
import type { ModelHost } from "../../generation/language-model.js";
import type { NurseryTask } from "../../nursery/family.js";
import {
  evaluationPrompts,
  evaluationSeeds,
  heldOutTasks,
  instructionSeeds,
  judgeFixedSet,
  judgeTestSet,
  writtenCandidates,
  type EvaluationCandidate,
  type InstructionSeed,
} from "../../nursery/seed-sets.js";
import { seedTasks } from "../../nursery/seed-tasks.js";
import type { OptimizationSettings, Trainer } from "../../training/trainer.js";

export interface SeedFileOptions {
  readonly base: string;
  readonly folder: string;
  readonly seed: number;
  readonly trainer: Trainer;
  readonly host: ModelHost;
  readonly onStage?: (title: string) => void;
}

const INSTRUCTION_ROWS = 600;
const JUDGED_PROMPTS = 1800;
const SAMPLES = 4;
const WRONG_ANSWERS = 3;
const JUDGE_ROWS = 7200;

/** Writes the six files into `folder`. */
export async function writeSeedFiles(options: SeedFileOptions): Promise<void> {
  const { folder, seed, onStage = () => undefined } = options;
  const write = (name: string, rows: Iterable<unknown>) =>
    writeJsonLines(join(folder, `${name}.jsonl`), rows);
  const instructions = instructionSeeds(seed, INSTRUCTION_ROWS);
  await write("ift", instructions);
  await write("seed-tasks", seedTasks(seed));
  await write(
    "held-out",
    heldOutTasks(seed).map(({ family, prompt, answer }) => ({
      family,
      prompt,
      answer,
    })),
  );
  await write(
    "judge-fixed",
    judgeFixedSet(seed).map(({ task, right, corrupted }) => ({
      prompt: task.prompt,
      right,
      corrupted,
    })),
  );
  await write(
    "judge-test",
    judgeTestSet(seed).map(({ task, responses }) => ({
      prompt: task.prompt,
      responses,
    })),
  );
  onStage("the base model is taught on the instruction rows alone");
  const tasks = evaluationPrompts(seed, JUDGED_PROMPTS);
  const sampled = await sampleAnswers(options, instructions, tasks);
  const candidates = [
    ...sampled,
    ...writtenCandidates(seed, tasks, WRONG_ANSWERS),
  ];
  await write(
    "eft",
    evaluationSeeds({ candidates, seed, count: JUDGE_ROWS }).map(
      ({ answer, ...row }) => ({
        ...row,
        rationale: answer,
      }),
    ),
  );
}

const INSTRUCTION_TRAINING: OptimizationSettings = {
  learningRate: 1e-3,
  epochs: 4,
  batchSize: 32,
  gradientAccumulation: 1,
  schedule: "cosine",
  warmupRatio: 0.05,
  minLearningRateRatio: 0.1,
  weightDecay: 0,
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-8,
  maxGradNorm: 1,
  maxLength: 128,
  shuffle: true,
  seed: 0,
};

async function sampleAnswers(
  options: SeedFileOptions,
  instructions: readonly InstructionSeed[],
  tasks: readonly NurseryTask[],
): Promise<EvaluationCandidate[]> {
  const { base, seed, trainer, host } = options;
  const folder = await mkdtemp(join(tmpdir(), "nursery-instructed-"));
  try {
    const output = join(folder, "instructed");
    await trainer.sft({
      checkpoint: base,
      output,
      rows: instructions.map((row) => ({
        prompt: [{ role: "user", content: row.prompt }],
        completion: [{ role: "assistant", content: row.output }],
      })),
      settings: { ...INSTRUCTION_TRAINING, seed },
    });
    const answers = await host.withModel(output, (model) =>
      model.generate(
        tasks.map(({ prompt }, i) => ({
          prompt: [{ role: "user" as const, content: prompt }],
          n: SAMPLES,
          temperature: 1,
          topP: 1,
          topK: 0,
          maxTokens: 24,
          stop: [],
          seed: seed * 100_003 + i,
        })),
      ),
    );
    return tasks.flatMap((task, i) =>
      (answers[i] ?? []).map(({ text, finishReason }) => ({
        task,
        response: text,
        finished: finishReason === "stop",
      })),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
