/**
 * @file What every stage of a run needs: where it writes, what it reads, who computes.
 */
import type { ModelHost } from "../../generation/language-model.js";
import type { SelfRewardingRecipe } from "../../recipes/self-rewarding.js";
import type { Trainer } from "../../training/trainer.js";
import type { StageContext } from "../run/run-stage.js";
import type { BaseModel, PromptForm } from "./base-model.js";
import type { LoopData } from "./loop-data.js";
import type { Verifier } from "./verifier.js";

export interface RunContext extends StageContext {
  readonly folder: string;
  readonly base: BaseModel;
  /** How every model of the run is asked and how it answers. */
  readonly form: PromptForm;
  /** Checkpoint folder of a model of this run. */
  readonly modelPath: (id: string) => string;
  readonly recipe: SelfRewardingRecipe;
  readonly data: LoopData;
  readonly host: ModelHost;
  readonly trainer: Trainer;
  readonly verifier: Verifier | null;
}

/** A model of the run: its name, its checkpoint folder, its row in the ledger. */
export interface TrainedModel {
  readonly id: string;
  readonly path: string;
  /** How report and ledger name it: the folder from the run folder, or owner/name@commit. */
  readonly source: string;
  readonly rowId: number;
  readonly weightHash: string;
  readonly parameters: number;
}
