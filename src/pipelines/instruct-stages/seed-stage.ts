/**
 * @file The seed tasks and the model as the first rows of the ledger: every
 * instruction later points back to them.
 */
import type { SeedTask } from "../../data/formats/instruction-records.js";
import { hashOf } from "../../foundation/hash.js";
import type { Stage } from "../../ledger/stage.js";
import type { InstructContext } from "./instruct-context.js";
import { countsOfKept, runStage, type StageContext } from "../run/run-stage.js";
import type { InstructSettings } from "../../recipes/instruct.js";

export interface SeedRows {
  /** Ledger row of each seed, in their order. */
  readonly seedRows: readonly number[];
  readonly modelRow: number;
}

/** Records seeds and model. */
export async function seedTaskStage(
  context: InstructContext,
): Promise<SeedRows> {
  const { seeds, settings, author } = context;
  return seedRowsStage(context, {
    seeds,
    settings,
    inputs: { model: author.identity },
    output: (seedRows, stage) => {
      const [modelRow = 0] = stage.insert("models", [
        {
          key: "author",
          name: "author",
          path: author.identity,
          weightHash: author.identity,
        },
      ]);
      return { seedRows, modelRow };
    },
  });
}

/** Writes the seeds as rows, in their order; gives what `output` makes of the rows. */
export async function seedRowsStage<T>(
  context: StageContext,
  step: {
    readonly seeds: readonly SeedTask[];
    readonly settings: Pick<InstructSettings, "seeds" | "language">;
    /** What the result depends on besides the seeds. */
    readonly inputs?: object;
    readonly output: (seedRows: readonly number[], stage: Stage) => T;
  },
): Promise<T> {
  const { seeds, settings, inputs } = step;
  const origin = settings.seeds ?? `bundled:${settings.language}`;
  const { output } = await runStage(context, {
    name: "seeds",
    title: `${seeds.length} seed tasks are read`,
    inputs: { seeds: hashOf(seeds), ...inputs },
    work: (stage) => {
      const rows = stage.insert(
        "seed_tasks",
        seeds.map((seed) => ({
          key: seed.id,
          kind: "ift" as const,
          origin,
          instruction: seed.instruction,
          input: seed.instances[0]?.input ?? null,
          output: seed.instances[0]?.output ?? null,
          evidence: {
            name: seed.name,
            isClassification: seed.is_classification,
          },
        })),
      );
      return {
        counts: countsOfKept(seeds.length),
        output: step.output(rows, stage),
      };
    },
  });
  return output;
}
