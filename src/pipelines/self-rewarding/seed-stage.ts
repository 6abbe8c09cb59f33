/**
 * @file The seed rows as the first rows of the ledger: everything later points back here.
 */
import { countsOfKept, runStage } from "../run/run-stage.js";
import type { RunContext } from "./run-context.js";
import { seedKey } from "./teaching-rows.js";

/** Records IFT and EFT rows; the instruction column holds the prompt as it is asked. */
export async function seedStage(context: RunContext): Promise<void> {
  const { data, recipe } = context;
  const { prompts: _prompts, judgeData: _judgeData, ...inputs } = data;
  await runStage(context, {
    name: "seeds",
    title: `${data.ift.length} IFT and ${data.eft.length} EFT rows are read`,
    inputs,
    work: (stage) => {
      stage.insert("seed_tasks", [
        ...data.ift.map(({ prompt, output }, i) => ({
          key: seedKey.ift(i),
          kind: "ift" as const,
          origin: recipe.data.ift ?? "",
          instruction: prompt,
          output,
        })),
        ...data.eft.map(({ prompt, response, score }, i) => ({
          key: seedKey.eft(i),
          kind: "eft" as const,
          origin: recipe.data.eft ?? "",
          instruction: prompt,
          input: response,
          output: String(score),
        })),
      ]);
      const rows = data.ift.length + data.eft.length;
      return { counts: countsOfKept(rows), output: null };
    },
  });
}
