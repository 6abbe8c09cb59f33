/**
 * @file A stage of a run as it is explained before anything is started: who computes,
 * how much at the most, and what it leaves behind.
 */

/** An upper bound; null where it hangs on a file that is not there. */
export type Bound = number | null;

export interface ExplainedStage {
  readonly stage: string;
  /** For people, a sentence without its end. */
  readonly does: string;
  /** What computes: the engine that generates, the one that trains, or neither. */
  readonly engine: "generate" | "train" | null;
  /** The model that is asked, or that is trained from. */
  readonly model: string | null;
  /** Answers asked for. */
  readonly answers: Bound;
  /** Tokens generated. */
  readonly generatedTokens: Bound;
  /** Rows trained on. */
  readonly rows: Bound;
  /** Optimizer steps. */
  readonly steps: Bound;
  /** Tokens read in training, over all epochs. */
  readonly trainedTokens: Bound;
  /** Files that it leaves in the run folder, beside its rows in ledger.db. */
  readonly files: readonly string[];
}

/** A stage that computes nothing with a model but for what is said. */
export function explained(
  stage: string,
  does: string,
  said: Partial<ExplainedStage> = {},
): ExplainedStage {
  return {
    ...{ stage, does, engine: null, model: null, files: [] },
    ...{ answers: 0, generatedTokens: 0 },
    ...{ rows: 0, steps: 0, trainedTokens: 0 },
    ...said,
  };
}

/** Both, or null where one is not known. */
export function boundTimes(left: Bound, right: Bound): Bound {
  return left === null || right === null ? null : left * right;
}

export function boundSum(...bounds: readonly Bound[]): Bound {
  return bounds.reduce<Bound>(
    (sum, bound) => (sum === null || bound === null ? null : sum + bound),
    0,
  );
}

/** What training on so many rows amounts to. */
export function trainingBounds(
  rows: Bound,
  settings: {
    readonly epochs: number;
    readonly batchSize: number;
    readonly gradientAccumulation: number;
    readonly maxLength: number;
  },
  /** Sequences of a row: 2 of a pair. */
  sequences = 1,
): Pick<ExplainedStage, "rows" | "steps" | "trainedTokens"> {
  const { epochs, batchSize, gradientAccumulation, maxLength } = settings;
  const perStep = batchSize * gradientAccumulation;
  return {
    rows,
    steps: rows === null ? null : Math.ceil((rows / perStep) * epochs),
    trainedTokens: boundTimes(rows, sequences * maxLength * epochs),
  };
}
