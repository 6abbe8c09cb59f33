/**
 * @file What every stage of a Self-Instruct run with training needs.
 */
import type { ModelHost } from "../../generation/language-model.js";
import type { Environment } from "../../ledger/run-record.js";
import type { Trainer } from "../../training/trainer.js";
import type { StageContext } from "../run/run-stage.js";
import type { Verifier } from "../self-rewarding/verifier.js";
import type { SelfInstructTrainingRecipe } from "../../recipes/self-instruct.js";

/** A prompt that is only measured on. */
export interface HeldOutPrompt {
  readonly prompt: string;
  /** Empty where the file names none. */
  readonly family: string;
}

export interface TrainingContext extends StageContext {
  readonly folder: string;
  readonly recipe: SelfInstructTrainingRecipe;
  /** Where the base model lies on this machine. */
  readonly base: string;
  readonly heldOut: readonly HeldOutPrompt[];
  readonly verifier: Verifier | null;
  readonly host: ModelHost;
  readonly trainer: Trainer;
  readonly environment: Environment;
}

/** A model of the run: its name, its checkpoint folder, its row in the ledger. */
export interface TrainedModel {
  readonly id: string;
  readonly path: string;
  readonly rowId: number;
  readonly weightHash: string;
}
