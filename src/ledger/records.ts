/**
 * @file What a run writes down: one interface per ledger table.
 *
 * Every row belongs to a stage and carries a `key`, unique among that stage's
 * rows of the table, so that a resumed stage can write the same row again
 * without doubling it. A row points to what it came from by id. `| null` members
 * and `unknown` members may be left out when a row is written. Members typed
 * `unknown` or `NonNullable<unknown>` are open-ended evidence, kept as JSON:
 * finite numbers, text, booleans, null, arrays, plain objects.
 */

/** A human-written example that the run was given. */
export interface SeedTaskRecord {
  /** `ift` teaches to answer, `eft` teaches to judge. */
  readonly kind: "ift" | "eft";
  /** File, or nursery family, it was read from. */
  readonly origin: string;
  readonly instruction: string;
  readonly input: string | null;
  readonly output: string | null;
  readonly evidence: unknown;
}

/** An instruction with its input, as given to a model to answer. */
export interface PromptRecord {
  readonly text: string;
  readonly instruction: string | null;
  readonly input: string | null;
  /** Who wrote it: the model being taught, a seed task as it stands, or a file. */
  readonly origin: "generated" | "seed" | "file";
  /** The `models` row that wrote it. */
  readonly modelId: number | null;
  readonly evidence: unknown;
}

/** One example that was shown to the model when it wrote a prompt; exactly one of the ids is set. */
export interface PromptSourceRecord {
  readonly promptId: number;
  /** Place among the examples shown, from 0. */
  readonly position: number;
  readonly seedTaskId: number | null;
  readonly sourcePromptId: number | null;
}

/** Something the run made and did not take, and why. */
export interface RejectionRecord {
  /** What was rejected: `instruction`, `instance`, `prompt`, `candidate`, `pair`, … */
  readonly subject: string;
  /** Its row, where it has one (a candidate, a prompt). */
  readonly subjectId: number | null;
  readonly text: string | null;
  /** Stable name of the rule that rejected it. */
  readonly rule: string;
  readonly evidence: unknown;
  /** Nearest neighbour: table and id of the row it resembles most. */
  readonly nearestTable: "seed_tasks" | "prompts" | "novelty" | null;
  readonly nearestId: number | null;
  /** Similarity to the nearest neighbour, or whatever number the rule compared. */
  readonly score: number | null;
}

/** One of the N responses to a prompt. */
export interface CandidateRecord {
  readonly promptId: number;
  readonly modelId: number | null;
  readonly sampleIndex: number;
  readonly text: string;
  /** Tokens generated, end-of-sequence included. */
  readonly tokens: number;
  readonly finishReason: "stop" | "length";
  /** Identical samples this row stands for, itself included; ≥ 1. */
  readonly mergedCount: number;
  readonly evidence: unknown;
}

/** One judge sample: a score, an abstention, or malformed. Only a score has a number. */
export interface JudgementRecord {
  readonly candidateId: number;
  /** Reward source: `self`, `frozen`, `verifier`, `random`, or an endpoint's name. */
  readonly judge: string;
  readonly judgeModelId: number | null;
  readonly sampleIndex: number;
  /** Exactly what the judge wrote. */
  readonly raw: string;
  readonly kind: "score" | "abstention" | "malformed";
  /** Present exactly when `kind` is `score`. */
  readonly score: number | null;
  readonly variance: number | null;
  /** Probability of each score, where the engine tells. */
  readonly probabilities: unknown;
}

export interface PairRecord {
  readonly promptId: number;
  readonly chosenId: number;
  readonly rejectedId: number;
  readonly chosenScore: number;
  readonly rejectedScore: number;
  /** chosenScore − rejectedScore. */
  readonly margin: number;
  readonly evidence: unknown;
}

export interface ModelRecord {
  /** `M0`, `M1`, … */
  readonly name: string;
  /** Checkpoint folder, relative to the run folder where it lies inside. */
  readonly path: string;
  readonly weightHash: string;
  /** The model it was trained from. */
  readonly parentId: number | null;
  readonly evidence: unknown;
}

/** One line of a training data set; exactly one of the ids is set. */
export interface TrainingRowRecord {
  /** File name under `datasets/`. */
  readonly dataset: string;
  /** 0-based line. */
  readonly position: number;
  /** A preference pair for DPO. */
  readonly pairId: number | null;
  /** A model's own answer used as a supervised example. */
  readonly candidateId: number | null;
  /** A seed example used as it stands, or for rehearsal. */
  readonly seedTaskId: number | null;
}

export interface TrainingStepRecord {
  /** 1-based optimizer step. */
  readonly step: number;
  /** Step metrics without timings: a resumed run must write the same ones. */
  readonly metrics: NonNullable<unknown>;
}

export interface EvaluationRecord {
  readonly modelId: number | null;
  readonly name: string;
  readonly result: NonNullable<unknown>;
}

/** A member of a novelty pool, in whatever form the index needs. */
export interface NoveltyRecord {
  readonly pool: string;
  readonly payload: NonNullable<unknown>;
}

/** A sign that the run goes wrong, for the report. */
export interface WarningRecord {
  /** Stable name, e.g. `reward-truth-divergence`. */
  readonly code: string;
  readonly message: string;
  readonly evidence: unknown;
}

/** Table name → record; the names are the SQL table names. */
export interface Records {
  readonly seed_tasks: SeedTaskRecord;
  readonly prompts: PromptRecord;
  readonly prompt_sources: PromptSourceRecord;
  readonly rejections: RejectionRecord;
  readonly candidates: CandidateRecord;
  readonly judgements: JudgementRecord;
  readonly pairs: PairRecord;
  readonly models: ModelRecord;
  readonly training_rows: TrainingRowRecord;
  readonly training_steps: TrainingStepRecord;
  readonly evaluations: EvaluationRecord;
  readonly novelty: NoveltyRecord;
  readonly warnings: WarningRecord;
}

export type TableName = keyof Records;

/** A record as it lies in the ledger. */
export type Row<T extends TableName> = Records[T] & {
  readonly id: number;
  /** Row of the `stages` table. */
  readonly stageId: number;
  readonly key: string;
};

type NullableKeys<R> = {
  [K in keyof R]: null extends R[K] ? K : never;
}[keyof R];

/** A record to be written: nullable members may be absent. */
export type NewRow<T extends TableName> = Omit<
  Records[T],
  NullableKeys<Records[T]>
> & {
  readonly [K in NullableKeys<Records[T]>]?: Records[T][K] | undefined;
} & { readonly key: string };
