/**
 * @file What a job tells while it runs: `metrics.jsonl`, a row a step, and
 * `preparation.json`. A step is told once, whatever is written again after a resume.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { StepMetrics, TrainingJob } from "../training/trainer.js";

const number = z.number();
const metricsRow = z.object({
  step: z.int().positive(),
  loss: number,
  grad_norm: number,
  learning_rate: number,
  num_tokens: number,
  "rewards/chosen": number.exactOptional(),
  "rewards/rejected": number.exactOptional(),
  "rewards/accuracies": number.exactOptional(),
  "rewards/margins": number.exactOptional(),
  "logps/chosen": number.exactOptional(),
  "logps/rejected": number.exactOptional(),
}) satisfies z.ZodType<StepMetrics>;

const preparation = z.object({
  doing: z.literal("weighing the reference"),
  done: z.int(),
  total: z.int(),
});

export interface JobFollower {
  /** Every step told, in order. */
  readonly metrics: readonly StepMetrics[];
  /** Tells what is new. @param recorded steps that an earlier process has seen */
  read(recorded: boolean): Promise<void>;
}

export function followJob(
  folder: string,
  { onStep, onPreparation }: Pick<TrainingJob, "onStep" | "onPreparation">,
  totalSteps: number,
): JobFollower {
  const metrics: StepMetrics[] = [];
  let weighed = -1;
  return {
    metrics,
    read: async (recorded) => {
      const weighing = await weighingIn(folder);
      if (
        weighing !== null &&
        metrics.length === 0 &&
        weighing.done > weighed
      ) {
        weighed = weighing.done;
        onPreparation?.(weighing);
      }
      for (const row of await rowsIn(join(folder, "metrics.jsonl"))) {
        if (row.step !== metrics.length + 1) continue;
        metrics.push(row);
        onStep?.(row, totalSteps, recorded);
      }
    },
  };
}

async function weighingIn(
  folder: string,
): Promise<z.infer<typeof preparation> | null> {
  const text = await textIn(join(folder, "preparation.json"));
  return preparation.nullable().catch(null).parse(parsed(text));
}

/** Rows in whole lines; one that is being written is left for the next time. */
async function rowsIn(path: string): Promise<StepMetrics[]> {
  const lines = (await textIn(path)).split("\n").slice(0, -1);
  return lines.flatMap((line) => {
    const row = metricsRow.safeParse(parsed(line));
    return row.success ? [row.data] : [];
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function textIn(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return "";
  }
}
