/**
 * @file What every stage of a run needs: where it writes, what it reads, who computes.
 */
import type { ModelHost } from "../../generation/language-model.js";
import type { RewardModelHost } from "../../generation/reward-model.js";
import type { SelfRewardingRecipe } from "../../recipes/self-rewarding.js";
import type { RewardTrainer, Trainer } from "../../training/trainer.js";
import type { ModelStageContext } from "../run/model-stages.js";
import type { PromptForm } from "./prompt-form.js";
import type { WithOutside } from "./outside-models.js";
import type { LoopData } from "./loop-data.js";
import type { Verifier } from "../../evaluation/verifiers/verifier.js";

/** What computes reward models. */
export interface RewardParts {
  readonly host: RewardModelHost;
  readonly trainer: RewardTrainer;
}

export interface RunContext extends ModelStageContext {
  /** How every model of the run is asked and how it answers. */
  readonly form: PromptForm;
  readonly recipe: SelfRewardingRecipe;
  readonly data: LoopData;
  readonly host: ModelHost;
  readonly trainer: Trainer;
  /** Needed where the recipe's judge is a reward model, with where that lies if it is there. */
  readonly rewards?: RewardParts & { readonly given?: string };
  readonly withOutside: WithOutside;
  readonly verifier: Verifier | null;
  /** Folder of measurements that runs share; undefined where none could be used again. */
  readonly measurements: string | undefined;
}
