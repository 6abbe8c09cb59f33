/**
 * @file What every stage of a Self-Instruct run with training needs.
 */
import type { ModelHost } from "../../generation/language-model.js";
import type { RunEnvironment } from "../../ledger/run-record.js";
import type { Trainer } from "../../training/trainer.js";
import type { Seeds } from "../instruct-stages/instruct-context.js";
import type { ModelStageContext } from "../run/model-stages.js";
import type { Verifier } from "../../evaluation/verifiers/verifier.js";
import type { HeldOutPrompt } from "../../evaluation/evaluation-sets.js";
import type { SelfInstructTrainingRecipe } from "../../recipes/self-instruct.js";

export interface TrainingContext extends ModelStageContext {
  /** The seed tasks, read. */
  readonly tasks: Seeds;
  readonly recipe: SelfInstructTrainingRecipe;
  readonly heldOut: readonly HeldOutPrompt[];
  readonly verifier: Verifier | null;
  readonly host: ModelHost;
  readonly trainer: Trainer;
  readonly environment: RunEnvironment;
}
