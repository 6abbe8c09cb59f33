/**
 * @file Self-Instruct, top to bottom: seeds → instructions → classification →
 * instances → training rows. Section 2 of the paper.
 */
import {
  CLASSIFICATION_STAGE,
  INSTANCE_STAGE,
  INSTRUCTION_STAGE,
} from "../../instruct/stages.js";
import type { AnswerTotals } from "../../ledger/answer-table.js";
import type { Author } from "./author.js";
import { classificationStage } from "./classification-stage.js";
import { instanceStage } from "./instance-stage.js";
import type { InstructContext } from "./instruct-context.js";
import type { InstructionSource } from "./instruction-source.js";
import {
  instructionStage,
  type InstructionStageOutput,
  type YieldReport,
} from "./instruction-stage.js";
import { madeTasks, type MadeTask } from "./made-tasks.js";
import { refuseEmptyRun } from "./nothing-accepted.js";
import { seedTaskStage, type SeedRows } from "./seed-stage.js";
import { trainingRowsStage } from "./training-rows-stage.js";
import { defined } from "../../foundation/defined.js";

/** Its stages after the seeds. */
export const DATA_STAGES = [
  INSTRUCTION_STAGE,
  CLASSIFICATION_STAGE,
  INSTANCE_STAGE,
  "training-set",
] as const;

/** What the stages made. */
export interface Made {
  readonly tasks: readonly MadeTask[];
  readonly accepted: number;
  readonly output: InstructionStageOutput;
}

export interface MakeOptions {
  /** Where seeds and author lie already; they are recorded here when absent. */
  readonly seedRows?: SeedRows;
  /** Where answers to requests for instructions come from; the author when absent. */
  readonly source?: InstructionSource;
  /** Who writes the instances, where that is another model. */
  readonly instances?: {
    readonly author: Author;
    /** Its row in the ledger. */
    readonly modelRow: number;
  };
  /** Told when an instruction more was accepted than by the processes before. */
  readonly onYield?: (
    report: YieldReport & { readonly spent: AnswerTotals },
  ) => void;
}

/**
 * Runs the stages.
 * @throws GATE when no instruction at all was accepted
 */
export async function makeTasks(
  context: InstructContext,
  { seedRows: recorded, source, instances: answering, onYield }: MakeOptions,
): Promise<Made> {
  const { ledger, settings } = context;
  const seedRows = recorded ?? (await seedTaskStage(context));
  // What an earlier process committed is walked through again, and was told by it.
  const told = ledger.count("prompts", { stage: INSTRUCTION_STAGE });
  const { instructions, output } = await instructionStage(context, seedRows, {
    ...defined({ source }),
    onYield: (report) => {
      if (report.accepted <= told) return;
      onYield?.({ ...report, spent: ledger.answers.totals() });
    },
  });
  if (instructions.length === 0)
    refuseEmptyRun(ledger, { requests: output.requests, settings });
  const classified = await classificationStage(context, seedRows, instructions);
  const instances = await instanceStage(
    { ...context, author: answering?.author ?? context.author },
    { ...seedRows, modelRow: answering?.modelRow ?? seedRows.modelRow },
    classified,
  );
  const tasks = madeTasks(classified, instances);
  await trainingRowsStage(context, tasks);
  return { tasks, accepted: instructions.length, output };
}
