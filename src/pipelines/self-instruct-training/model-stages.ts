/**
 * @file The stages that make models: the base is registered, the others are trained
 * from it on rows that the ledger can follow back to the seeds.
 */
import { join, relative } from "node:path";
import { openCheckpoint } from "../../checkpoints/checkpoint.js";
import type { PromptCompletionRow } from "../../data/records.js";
import { crashPoint } from "../../foundation/crash-point.js";
import { writeJsonLines } from "../../foundation/json-lines.js";
import { derivedSeed } from "../../foundation/random.js";
import type { Stage } from "../../ledger/stage.js";
import type { OptimizationSettings } from "../../training/trainer.js";
import { allAccepted } from "../run/run-stage.js";
import { stepRecorder } from "../run/step-recorder.js";
import { runStage } from "../self-instruct/run-context.js";
import type { TrainedModel, TrainingContext } from "./training-context.js";

/** The base model as a row of the run. */
export async function baseStage(
  context: TrainingContext,
): Promise<TrainedModel> {
  const path = context.base;
  const { output } = await runStage(context, {
    name: "M0/base",
    title: "The base model is opened",
    inputs: {},
    work: async (stage) => ({
      counts: allAccepted(1),
      output: await register(context, { stage, id: "M0", path, parent: null }),
    }),
  });
  return { id: "M0", path, ...output };
}

/** A model trained from `parent`; `sources` are the ledger rows of the examples that have one. */
export async function trainStage(
  context: TrainingContext,
  step: {
    readonly id: string;
    readonly title: string;
    readonly parent: TrainedModel;
    readonly rows: readonly PromptCompletionRow[];
    readonly sources: readonly (
      | { readonly seedTaskId: number }
      | { readonly candidateId: number }
      | undefined
    )[];
    readonly settings: Omit<OptimizationSettings, "shuffle" | "seed">;
  },
): Promise<TrainedModel> {
  const { id, title, parent, rows, sources, settings } = step;
  const { recipe, folder, trainer, signal, emit } = context;
  const path = join(folder, "models", id);
  const name = `${id}/train`;
  const { output } = await runStage(context, {
    name,
    title,
    inputs: { parent: parent.weightHash, rows, settings },
    work: async (stage) => {
      const dataset = `${id}.jsonl`;
      await writeJsonLines(join(folder, "datasets", dataset), rows);
      stage.insert(
        "training_rows",
        sources.flatMap((source, position) =>
          source === undefined
            ? []
            : [{ key: String(position), dataset, position, ...source }],
        ),
      );
      crashPoint("dataset-written");
      const recorder = stepRecorder(stage, emit);
      await trainer.sft({
        checkpoint: parent.path,
        output: path,
        rows,
        settings: {
          ...settings,
          shuffle: true,
          seed: derivedSeed(recipe.seed, "train", id),
        },
        signal,
        onStep: recorder.onStep,
      });
      recorder.flush();
      const registered = await register(context, { stage, id, path, parent });
      emit({ type: "model-saved", model: id, path });
      return { counts: allAccepted(rows.length), output: registered };
    },
  });
  return { id, path, ...output };
}

async function register(
  { folder }: TrainingContext,
  model: {
    readonly stage: Stage;
    readonly id: string;
    readonly path: string;
    readonly parent: TrainedModel | null;
  },
): Promise<Pick<TrainedModel, "rowId" | "weightHash">> {
  const { stage, id, path, parent } = model;
  const weightHash = await (await openCheckpoint(path)).weightHash();
  const [rowId = 0] = stage.insert("models", [
    {
      key: id,
      name: id,
      path: relative(folder, path),
      weightHash,
      parentId: parent?.rowId ?? null,
    },
  ]);
  return { rowId, weightHash };
}
