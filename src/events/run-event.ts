/**
 * @file What a run tells whoever listens: one typed union, in lifecycle order.
 *
 * A name is a noun and an action out of a fixed set (start, progress, step, reuse,
 * saved, failed, end); `warning` alone has none. Pipelines emit, surfaces
 * (terminal, log) listen; an emitter never waits for a listener and no
 * listener changes a run.
 * Events carry no clock, so that a resumed run says what an uninterrupted one
 * says; whoever needs the time of an event takes it on arrival.
 */
import type { ErrorCode } from "../foundation/error.js";
import type { Preparation, StepMetrics } from "../training/trainer.js";

/** Counts of one stage; requested = accepted + rejected + failed + pending. */
export interface StageTotals {
  readonly requested: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly failed: number;
  readonly pending: number;
}

/** The process began or continued the run in `folder`. */
export interface RunStart {
  readonly type: "run-start";
  readonly folder: string;
  readonly recipe: string;
  readonly seed: number;
  /** True when the folder already held finished or half-finished stages. */
  readonly resumed: boolean;
}

/** A round of the preference loop began: `from` makes its own data and becomes `to`. */
export interface RoundStart {
  readonly type: "round-start";
  /** 1-based. */
  readonly round: number;
  readonly rounds: number;
  readonly from: string;
  readonly to: string;
}

export interface StageStart {
  readonly type: "stage-start";
  /** Path-like and unique within a run, for instance `round-1/candidates`. */
  readonly stage: string;
  /** For people: "M1 writes 4 candidates for each of 300 prompts". */
  readonly title: string;
}

export interface StageProgress {
  readonly type: "stage-progress";
  readonly stage: string;
  /** Out of `total`, counted in `unit`s; work found in the ledger counts as done. */
  readonly done: number;
  readonly total: number;
  /** Plural noun: "prompts", "steps". */
  readonly unit: string;
}

/** A model at work within the current stage: how far its present call has come. */
export interface TokenProgress {
  readonly type: "token-progress";
  /** Tokens read and written, of about `expected`, which is 0 while the model is being loaded. */
  readonly done: number;
  readonly expected: number;
}

/** What is waited for within the current stage: a server that starts, a job in a queue. */
export interface WaitProgress {
  readonly type: "wait-progress";
  /** For people: "vLLM starts with M1: loading weights". */
  readonly message: string;
}

/** What a training does before its first step; pairs are counted where `total` is not 0. */
export interface TrainingPreparation extends Preparation {
  readonly type: "preparation";
  readonly stage: string;
}

/** One optimizer step; `metrics` has TRL's names. */
export interface TrainingStep {
  readonly type: "training-step";
  readonly stage: string;
  readonly totalSteps: number;
  readonly metrics: StepMetrics;
  /** An earlier process did this step; it is only told again. */
  readonly recorded: boolean;
}

export interface ModelSaved {
  readonly type: "model-saved";
  /** "M1", "M2", … */
  readonly model: string;
  readonly path: string;
}

export interface EvaluationEnd {
  readonly type: "evaluation-end";
  readonly model: string;
  /** Share of held-out prompts answered correctly in [0, 1], with its 95 % interval. */
  readonly accuracy: {
    readonly mean: number;
    readonly low: number;
    readonly high: number;
  };
  /** Mean verifier score of the same answers, 0–5. */
  readonly score: number;
  /** Mean score the model gives its own answers, 0–5; absent for a model that cannot judge. */
  readonly selfReward?: number;
}

export interface StageEnd {
  readonly type: "stage-end";
  readonly stage: string;
  readonly title: string;
  /** Absent for stages that do not turn requests into rows, such as training. */
  readonly counts?: StageTotals;
  readonly seconds: number;
}

/** The stage was finished by an earlier process; its results are taken from the ledger. */
export interface StageReuse {
  readonly type: "stage-reuse";
  readonly stage: string;
  readonly title: string;
}

export interface RoundEnd {
  readonly type: "round-end";
  readonly round: number;
  readonly from: string;
  readonly to: string;
  readonly pairs: number;
}

/** Something looks wrong; the run goes on. */
export interface Warning {
  readonly type: "warning";
  /** Stable name for programs: "reward-hacking", "score-collapse", … */
  readonly code: string;
  /** What was seen, against what, and what it may mean. */
  readonly message: string;
}

/** A threshold of the recipe was not met; the run stops, or goes on because it was forced. */
export interface GateFailed {
  readonly type: "gate-failed";
  readonly gate: string;
  readonly message: string;
  readonly measured: number;
  readonly required: number;
  readonly forced: boolean;
}

export interface RunEnd {
  readonly type: "run-end";
  readonly folder: string;
  /** "complete", or the class of what ended it early. */
  readonly outcome: "complete" | ErrorCode;
  readonly seconds: number;
}

export type RunEvent =
  | RunStart
  | RoundStart
  | StageStart
  | StageProgress
  | TokenProgress
  | WaitProgress
  | TrainingPreparation
  | TrainingStep
  | ModelSaved
  | EvaluationEnd
  | StageEnd
  | StageReuse
  | RoundEnd
  | Warning
  | GateFailed
  | RunEnd;

/** Called synchronously, in order. It must return quickly and must not throw. */
export type EventListener = (event: RunEvent) => void;
