/**
 * @file The contract of training: from a checkpoint folder and rows to a new
 * checkpoint folder, step by step, resumable.
 */
import type { WeightFormat } from "../models/quantized-weights.js";
import type {
  PreferenceRow,
  PromptCompletionRow,
  RewardRow,
  SupervisedRow,
} from "../data/records.js";

/** Names shared with TRL, so that curves can be laid over each other. */
export interface StepMetrics {
  readonly step: number;
  readonly loss: number;
  readonly grad_norm: number;
  readonly learning_rate: number;
  readonly num_tokens: number;
  readonly "rewards/chosen"?: number;
  readonly "rewards/rejected"?: number;
  readonly "rewards/accuracies"?: number;
  readonly "rewards/margins"?: number;
  readonly "logps/chosen"?: number;
  readonly "logps/rejected"?: number;
  readonly min_reward?: number;
  readonly mean_reward?: number;
  readonly max_reward?: number;
  readonly accuracy?: number;
  readonly margin?: number;
}

/** Low-rank adaptation instead of full fine-tuning (Hu et al. 2021, arXiv 2106.09685). */
export interface LoraOptions {
  readonly rank: number;
  /** The update is scaled by alpha / rank. */
  readonly alpha: number;
  /** Last names of the linear layers that are adapted, for instance "q_proj"; null for all but the head. */
  readonly targets: readonly string[] | null;
  /** What the output folder holds: a whole checkpoint, or an adapter in PEFT's format. */
  readonly output: "merged" | "adapter";
  /** How the frozen weights are kept while training; int8 takes a quarter and rounds. */
  readonly base?: WeightFormat;
}

export interface OptimizationSettings {
  readonly learningRate: number;
  readonly epochs: number;
  /** Rows (SFT) or pairs (DPO) per micro-batch. */
  readonly batchSize: number;
  readonly gradientAccumulation: number;
  readonly schedule: "linear" | "cosine" | "constant";
  /** Share of the steps spent on linear warm-up, [0, 1). */
  readonly warmupRatio: number;
  /** Final learning rate as a share of the peak, [0, 1]. */
  readonly minLearningRateRatio: number;
  /** Of matrices; vectors (norms, biases) never decay, as in transformers. */
  readonly weightDecay: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Global gradient norm bound; 0 switches clipping off. */
  readonly maxGradNorm: number;
  /** Longest sequence in tokens; longer ones keep their start, as in TRL. */
  readonly maxLength: number;
  readonly shuffle: boolean;
  readonly seed: number;
  /**
   * Keep only the input of each layer and compute the layer again on the way back:
   * activations take far less memory, a step a third longer, the numbers stay.
   */
  readonly gradientCheckpointing?: boolean;
  /** Train an adapter and leave the weights as they are; all weights learn when absent. */
  readonly lora?: LoraOptions;
}

export interface DpoSettings extends OptimizationSettings {
  readonly beta: number;
  readonly loss: "sigmoid" | "ipo";
  /** Conservative DPO label smoothing in [0, 0.5). */
  readonly labelSmoothing: number;
  /** Weight of the added negative log-likelihood per token on the chosen side. */
  readonly nllWeight: number;
  /** Divide each side's log-ratio by its completion length. */
  readonly lengthNormalized: boolean;
  /** A batch of rehearsal rows after every this many steps; 0 for none. */
  readonly rehearsalEvery: number;
  readonly rehearsalBatchSize: number;
}

export interface RewardSettings extends OptimizationSettings {
  /** Weight of (r_c + r_r)², which keeps rewards around zero; 0 leaves them. */
  readonly centerRewardsCoefficient: number;
}

/**
 * Hears of each step.
 * @param recorded the step was done by an earlier process and is only told again
 */
export type StepListener = (
  metrics: StepMetrics,
  totalSteps: number,
  recorded: boolean,
) => void;

/** What a training does before its first step. */
export interface Preparation {
  readonly doing:
    | "waiting for the launcher"
    | "starting the trainer"
    | "loading the model"
    | "weighing the reference"
    | "computing the first step";
  /** Pairs weighed, of `total`, which is 0 where nothing is counted. */
  readonly done: number;
  readonly total: number;
}

/** Rows that a trainer scores with the weights it leaves, to set beside whoever generates. */
export interface Proof {
  readonly rows: readonly PromptCompletionRow[];
  /**
   * Told once the output is there: the summed log-probability of each completion, null for
   * a row that is too long; none of a job that was done before without the proof.
   */
  readonly onScores: (scores: readonly (number | null)[]) => void;
}

export interface TrainingJob {
  readonly checkpoint: string;
  readonly output: string;
  /** Where a merged adapter is kept too, in PEFT's format; nowhere when absent. */
  readonly adapterOutput?: string;
  readonly signal?: AbortSignal;
  readonly onStep?: StepListener;
  /** Told before the first step; what takes no time with a small model is not told of one. */
  readonly onPreparation?: (preparation: Preparation) => void;
  /** Told in one line when what trains was lost, and goes on from its last saved state. */
  readonly onSetback?: (message: string) => void;
  /** Steps between saved states; default 500. */
  readonly saveEvery?: number;
  /** Called before the first step when `output` holds what another job made; may throw. */
  readonly onOtherResult?: () => void;
  readonly proof?: Proof;
}

export interface SftJob extends TrainingJob {
  readonly rows: readonly SupervisedRow[];
  readonly settings: OptimizationSettings;
}

export interface DpoJob extends TrainingJob {
  readonly rows: readonly PreferenceRow[];
  readonly rehearsal: readonly SupervisedRow[];
  readonly settings: DpoSettings;
}

export interface RewardJob extends TrainingJob {
  readonly rows: readonly RewardRow[];
  readonly settings: RewardSettings;
}

export interface Trainer {
  sft(job: SftJob): Promise<void>;
  dpo(job: DpoJob): Promise<void>;
}

/** Makes reward models out of checkpoints. */
export interface RewardTrainer {
  reward(job: RewardJob): Promise<void>;
}
