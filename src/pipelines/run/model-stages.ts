/**
 * @file The stages that make the models of a run: the base is registered, the others are
 * trained on rows that the ledger can follow back to where they came from.
 */
import { join, relative } from "node:path";
import { openCheckpoint } from "../../checkpoints/checkpoint.js";
import type { PreferenceRow, SupervisedRow } from "../../data/records.js";
import { crashPoint } from "../../foundation/crash-point.js";
import { writeJsonLines } from "../../foundation/json-lines.js";
import type { ModelHost } from "../../generation/language-model.js";
import type { Stage } from "../../ledger/stage.js";
import type { TrainingJob } from "../../training/trainer.js";
import type { BaseModel } from "./base-model.js";
import { handOverProof, type HandOver } from "./hand-over.js";
import { countsOfKept, runStage, type StageContext } from "./run-stage.js";
import { stepRecorder } from "./step-recorder.js";

/** A model of a run: its name, its checkpoint folder, its row in the ledger. */
export interface TrainedModel {
  readonly id: string;
  readonly path: string;
  /** How report and ledger name it: the folder from the run folder, or owner/name@commit. */
  readonly source: string;
  readonly rowId: number;
  readonly weightHash: string;
  /** Weights of the model. */
  readonly parameters: number;
}

export interface ModelStageContext extends StageContext {
  readonly folder: string;
  readonly base: BaseModel;
  readonly host: ModelHost;
  /** Said where trainer and host are not one engine. */
  readonly handOver?: HandOver | undefined;
  /** Checkpoint folder of a model of this run. */
  readonly modelPath: (id: string) => string;
}

/** Where a training row comes from: exactly one of the ids. */
export type RowSource =
  | { readonly pairId: number }
  | { readonly candidateId: number }
  | { readonly seedTaskId: number };

export interface TrainingWork {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly parent: TrainedModel;
  readonly rows: readonly (SupervisedRow | PreferenceRow)[];
  /** One for each row; undefined for one that is no row of the ledger. */
  readonly sources: readonly (RowSource | undefined)[];
  /** What the result depends on besides parent, rows and recipe. */
  readonly inputs?: object;
  readonly train: (job: TrainingJob) => Promise<void>;
}

type Registered = Pick<TrainedModel, "rowId" | "weightHash">;

/** The base model as a row of the run. */
export async function baseStage(
  context: ModelStageContext,
): Promise<TrainedModel> {
  const { folder: path, name: source, weightHash, parameters } = context.base;
  return openedStage(context, {
    ...{ path, source, weightHash, parameters },
    id: "M0",
    name: "M0/base",
    title: "the base model is opened",
    inputs: {},
  });
}

/** A model that is there already, as a row of the run. */
export async function openedStage(
  context: StageContext,
  step: Omit<TrainedModel, "rowId"> & {
    readonly name: string;
    readonly title: string;
    /** Its weights when absent. */
    readonly inputs?: object;
  },
): Promise<TrainedModel> {
  const { id, name, title, path, source, weightHash, parameters } = step;
  const { output } = await runStage(context, {
    name,
    title,
    inputs: step.inputs ?? { weightHash },
    work: (stage) => ({
      counts: countsOfKept(1),
      output: register(stage, { id, source, weightHash }),
    }),
  });
  return { id, path, source, parameters, ...identityOf(output) };
}

/** The parent under another name: what comes of training on nothing. */
export async function untrainedStage(
  context: ModelStageContext,
  step: Pick<TrainingWork, "id" | "name" | "parent">,
): Promise<TrainedModel> {
  const { id, name, parent } = step;
  const { source, weightHash } = parent;
  const { output } = await runStage(context, {
    name,
    title: `${id} is ${parent.id} as it is`,
    inputs: { parent: weightHash },
    work: (stage) => ({
      counts: countsOfKept(0),
      output: register(stage, { id, source, weightHash }, parent),
    }),
  });
  return { ...parent, id, ...identityOf(output) };
}

/** A model trained from `parent`: its rows on the disk, then its steps, then itself. */
export async function trainStage(
  context: ModelStageContext,
  step: TrainingWork,
): Promise<TrainedModel> {
  const { id, name, title, parent, rows, inputs } = step;
  const { folder, signal, emit } = context;
  const path = context.modelPath(id);
  const source = relative(folder, path);
  const { output } = await runStage(context, {
    name,
    title,
    inputs: { parent: parent.weightHash, rows, ...inputs },
    work: async (stage) => {
      const dataset = `${id}.jsonl`;
      await writeJsonLines(join(folder, "datasets", dataset), rows);
      stage.insert(
        "training_rows",
        step.sources.flatMap((from, position) =>
          from === undefined
            ? []
            : [{ key: String(position), dataset, position, ...from }],
        ),
      );
      crashPoint("dataset-written");
      const { onStep, flush } = stepRecorder(stage, emit);
      const { handOver, host } = context;
      const handed = handOver && handOverProof(rows, handOver);
      await step.train({
        checkpoint: parent.path,
        output: path,
        signal,
        onStep,
        ...(handed && { proof: handed.proof }),
        onPreparation: (preparation) => {
          emit({ type: "preparation", stage: name, ...preparation });
        },
        onSetback: (message) => {
          emit({ type: "warning", code: "training-lost", message });
        },
      });
      flush();
      await handed?.require(host, { checkpoint: path, parent: parent.path });
      const weightHash = await (await openCheckpoint(path)).weightHash();
      const made = register(stage, { id, source, weightHash }, parent);
      emit({ type: "model-saved", model: id, path });
      return { counts: countsOfKept(rows.length), output: made };
    },
  });
  const { parameters } = parent;
  return { id, path, source, parameters, ...identityOf(output) };
}

/** Stages that older versions recorded hold more. */
function identityOf({ rowId, weightHash }: Registered): Registered {
  return { rowId, weightHash };
}

/** Writes the model's row. */
function register(
  stage: Stage,
  model: Pick<TrainedModel, "id" | "source" | "weightHash">,
  parent?: TrainedModel,
): Registered {
  const { id, source, weightHash } = model;
  const [rowId = 0] = stage.insert("models", [
    {
      key: id,
      name: id,
      path: source,
      weightHash,
      parentId: parent?.rowId ?? null,
    },
  ]);
  return { rowId, weightHash };
}
