/**
 * @file A Self-Instruct run with training, top to bottom: M0 is measured; the author
 * writes tasks with instances; M1 is M0 fine-tuned on what the filters kept and the
 * seeds; controls are M0 fine-tuned for as many steps on other rows; all are measured
 * on the same prompts.
 *
 * Every step is a stage of one ledger. The verifier measures and filters nothing.
 */
import { repositoryOf } from "../../checkpoints/hub/hub.js";
import { counted } from "../../text/number-words.js";
import { join } from "node:path";
import type { SeedTask } from "../../data/formats/instruction-records.js";
import {
  requireRoomForAnswers,
  warnOfShortAnswers,
} from "../instruct-stages/context-check.js";
import { rememberingAuthor, type Author } from "../instruct-stages/author.js";
import type { InstructReport } from "../../reporting/instruct/schema.js";
import {
  instructContext,
  promptsOf,
} from "../instruct-stages/instruct-context.js";
import {
  DATA_STAGES,
  makeTasks,
  type Made,
} from "../instruct-stages/make-tasks.js";
import { writeOutputs } from "../instruct-stages/write-outputs.js";
import { seedRowsStage } from "../instruct-stages/seed-stage.js";
import {
  resolveSettings,
  type ResolvedSettings,
} from "../../recipes/instruct.js";
import { authorStages } from "./author-stage.js";
import type { Measured } from "../run/evaluation-stage.js";
import { measureTrained } from "./evaluation-stage.js";
import { baseStage, type TrainedModel } from "../run/model-stages.js";
import { fineTuneStage } from "./fine-tune-stage.js";
import type {
  Control,
  SelfInstructTrainingRecipe,
} from "../../recipes/self-instruct.js";
import type { TrainingContext } from "./training-context.js";
import {
  ownExamples,
  seedExamples,
  supervisedRow,
  unfilteredExamples,
  withoutHeldOut,
  type TrainingExample,
} from "./training-data.js";

/** A model with the rows it was trained on; none for the base. */
export interface ComparedModel extends Measured<TrainedModel> {
  readonly control: Control | null;
  readonly examples: readonly TrainingExample[];
}

/** What a run leaves, for its report. */
export interface RunOutcome {
  /** M0, M1, then the controls in the recipe's order. */
  readonly models: readonly ComparedModel[];
  readonly instruct: InstructReport;
  /** What the model made: kept by the filters, and with what the instance rules refused. */
  readonly own: readonly TrainingExample[];
  readonly unfiltered: readonly TrainingExample[];
  /** Of `own`: rows whose prompt is measured on, and so not trained on. */
  readonly heldBack: number;
}

/** What the models of the controls are called. */
export const CONTROL_MODELS: Readonly<Record<Control, string>> = {
  seeds: "seeds-only",
  unfiltered: "unfiltered",
};

/** The stages of a run. */
export function trainingStages({
  author,
  controls,
}: Pick<SelfInstructTrainingRecipe, "author" | "controls">): string[] {
  return [
    "M0/base",
    "M0/evaluation",
    "seeds",
    ...(author === null
      ? []
      : ["author-of-tasks/train", "author-of-instances/train"]),
    ...DATA_STAGES,
    ...[null, ...controls]
      .map(modelOf)
      .flatMap((model) => [`${model}/train`, `${model}/evaluation`]),
  ];
}

/** What the model of a control is called; M1 is trained as the method has it. */
function modelOf(control: Control | null): string {
  return control === null ? "M1" : CONTROL_MODELS[control];
}

/** Runs or continues the stages; the ledger is open and the run recorded. */
export async function runSelfInstructTraining(
  context: TrainingContext,
): Promise<RunOutcome> {
  const { recipe, heldOut, ledger } = context;
  const { language } = recipe.instruct;
  const base = await baseStage(context);
  const before = await measureTrained(context, base);
  const { seeds, seedRows, made, instruct } = await writeTasks(context, base);
  const taught = seedExamples(seeds, seedRows, language);
  const own = ownExamples(made.tasks, language);
  const unfiltered = unfilteredExamples(own, ledger, language);
  const measured = new Set(heldOut.map(({ prompt }) => prompt));
  const kept = withoutHeldOut(own, measured);
  const repeated = Array.from(
    { length: recipe.training.seedRepeats },
    () => taught,
  ).flat();
  const examplesOf = (control: Control | null): readonly TrainingExample[] => {
    if (control === "seeds") return taught;
    return control === "unfiltered"
      ? [...repeated, ...withoutHeldOut(unfiltered, measured)]
      : [...repeated, ...kept];
  };
  const models: ComparedModel[] = [{ ...before, control: null, examples: [] }];
  for (const control of [null, ...recipe.controls]) {
    const examples = examplesOf(control);
    const model = await teach(context, base, { control, examples });
    const figures = await measureTrained(context, model);
    models.push({ ...figures, control, examples });
  }
  return {
    models,
    instruct,
    own,
    unfiltered,
    heldBack: own.length - kept.length,
  };
}

/** The method itself, from the seeds to a data set under `instruct/`. */
async function writeTasks(
  context: TrainingContext,
  base: TrainedModel,
): Promise<{
  readonly seeds: readonly SeedTask[];
  readonly seedRows: readonly number[];
  readonly made: Made;
  readonly instruct: InstructReport;
}> {
  const { folder, ledger, host, heldOut, signal, environment, tasks } = context;
  const settings = instructSettingsOf(context);
  const { seeds, bundled } = tasks;
  const seedRows = await seedRowsStage(context, {
    seeds,
    settings,
    output: (rows) => rows,
  });
  const prompts = promptsOf(settings, bundled);
  const authors = await authorStages(context, base, {
    prompts,
    seeds,
    seedRows,
  });
  const withAuthor = <T>(
    author: TrainedModel,
    use: (author: Author) => Promise<T>,
  ): Promise<T> =>
    host.withModel(author.path, (opened) => {
      const { style } = settings;
      const store = ledger.answers;
      const hubId = repositoryOf(context.recipe.base);
      return use(rememberingAuthor(opened, { store, style, signal, hubId }));
    });
  return withAuthor(authors.tasks, async (author) => {
    const writing = instructContext(context, {
      ...{ settings, prompts, author },
      ...tasks,
    });
    await requireRoomForAnswers(writing);
    await warnOfShortAnswers(writing);
    const made = await withAuthor(authors.instances, (answering) =>
      makeTasks(writing, {
        seedRows: { seedRows, modelRow: authors.tasks.rowId },
        instances: { author: answering, modelRow: authors.instances.rowId },
      }),
    );
    const instruct = await writeOutputs(
      writing,
      {
        folder: join(folder, "instruct"),
        evaluation: heldOut.map(({ prompt }) => prompt),
        environment,
      },
      { ...made, estimate: undefined },
    );
    return { seeds, seedRows, made, instruct };
  });
}

/** The base model is a base model: "auto" means completion prompts here. */
function instructSettingsOf({ recipe }: TrainingContext): ResolvedSettings {
  const { name, seed, instruct } = recipe;
  return resolveSettings({ ...instruct, name, seed }, "completion");
}

async function teach(
  context: TrainingContext,
  base: TrainedModel,
  {
    control,
    examples,
  }: {
    readonly control: Control | null;
    readonly examples: readonly TrainingExample[];
  },
): Promise<TrainedModel> {
  const { steps, seedRepeats: _repeats, ...settings } = context.recipe.training;
  const perStep = settings.batchSize * settings.gradientAccumulation;
  const id = modelOf(control);
  return fineTuneStage(context, {
    id,
    title: `M0 is fine-tuned on ${counted(examples.length, "row")} and becomes ${id}`,
    parent: base,
    rows: examples.map(supervisedRow),
    sources: examples.map(({ source }) => source),
    // Half a step below the number keeps rounding from adding one.
    settings: {
      ...settings,
      epochs: (steps - 0.5) / Math.ceil(examples.length / perStep),
    },
  });
}
