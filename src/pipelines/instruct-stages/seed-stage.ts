/**
 * @file The seed tasks and the model as the first rows of the ledger: every
 * instruction later points back to them.
 */
import type { SeedTask } from "../../data/formats/instruction-records.js";
import { hashOf } from "../../foundation/hash.js";
import type { Stage } from "../../ledger/stage.js";
import type { InstructContext } from "./instruct-context.js";
import { allAccepted, runStage } from "../run/run-stage.js";
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
  const { output } = await runStage<SeedRows>(context, {
    name: "seeds",
    title: `${seeds.length} seed tasks are read`,
    inputs: { seeds: hashOf(seeds), model: author.identity },
    work: (stage) => {
      const seedRows = insertSeeds(stage, seeds, settings);
      const [modelRow = 0] = stage.insert("models", [
        {
          key: "author",
          name: "author",
          path: author.identity,
          weightHash: author.identity,
        },
      ]);
      return Promise.resolve({
        counts: allAccepted(seeds.length),
        output: { seedRows, modelRow },
      });
    },
  });
  return output;
}

/** Writes the seeds as rows, in their order. */
export function insertSeeds(
  stage: Stage,
  seeds: readonly SeedTask[],
  settings: Pick<InstructSettings, "seeds" | "language">,
): readonly number[] {
  const origin = settings.seeds ?? `bundled:${settings.language}`;
  return stage.insert(
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
}
