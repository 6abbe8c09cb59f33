/**
 * @file What a run writes down: the ledger's tables, each member of a record with the
 * codec of its column. The types of the records follow from it.
 *
 * Every row belongs to a stage and carries a `key`, unique among that stage's
 * rows of the table, so that a resumed stage can write the same row again
 * without doubling it. A row points to what it came from by id. Nullable members
 * may be left out when a row is written. `evidence` is open-ended JSON: finite
 * numbers, text, booleans, null, arrays, plain objects.
 *
 * A column is named as its member, in snake case. The SQL side is in
 * `migrations.ts`; a test holds the two together.
 */
import {
  type Codec,
  flagCodec,
  integerCodec,
  json,
  nullable,
  oneOf,
  real,
  textCodec,
} from "./codecs.js";

const evidence: Codec<unknown> = nullable(json);

export const RECORDS = {
  /** A human-written example that the run was given. */
  seed_tasks: {
    /** `ift` teaches to answer, `eft` teaches to judge. */
    kind: oneOf("ift", "eft"),
    /** File, or nursery family, it was read from. */
    origin: textCodec,
    instruction: textCodec,
    input: nullable(textCodec),
    output: nullable(textCodec),
    evidence,
  },
  /** An instruction with its input, as given to a model to answer. */
  prompts: {
    text: textCodec,
    instruction: nullable(textCodec),
    input: nullable(textCodec),
    /** Who wrote it: the model being taught, a seed task as it stands, or a file. */
    origin: oneOf("generated", "seed", "file"),
    /** The `models` row that wrote it. */
    modelId: nullable(integerCodec),
    evidence,
  },
  /** One example that was shown to the model when it wrote a prompt; exactly one of the ids is set. */
  prompt_sources: {
    promptId: integerCodec,
    /** Place among the examples shown, from 0. */
    position: integerCodec,
    seedTaskId: nullable(integerCodec),
    sourcePromptId: nullable(integerCodec),
  },
  /** Something the run made and did not take, and why. */
  rejections: {
    /** What was rejected: `instruction`, `instance`, `prompt`, `candidate`, `pair`, … */
    subject: textCodec,
    /** Its row, where it has one (a candidate, a prompt). */
    subjectId: nullable(integerCodec),
    text: nullable(textCodec),
    /** Stable name of the rule that rejected it. */
    rule: textCodec,
    evidence,
    /** Nearest neighbour: table and id of the row it resembles most. */
    nearestTable: nullable(oneOf("seed_tasks", "prompts")),
    nearestId: nullable(integerCodec),
    /** Similarity to the nearest neighbour, or whatever number the rule compared. */
    score: nullable(real),
  },
  /** One of the N responses to a prompt. */
  candidates: {
    promptId: integerCodec,
    modelId: nullable(integerCodec),
    sampleIndex: integerCodec,
    text: textCodec,
    /** Tokens generated, end-of-sequence included. */
    tokens: integerCodec,
    finishReason: oneOf("stop", "length"),
    /** Identical samples this row stands for, itself included; ≥ 1. */
    mergedCount: integerCodec,
    evidence,
  },
  /** One judge sample: a score, an abstention, or malformed. Only a score has a number. */
  judgements: {
    candidateId: integerCodec,
    /** Reward source by its name in recipes. */
    judge: textCodec,
    judgeModelId: nullable(integerCodec),
    sampleIndex: integerCodec,
    /** Exactly what the judge wrote; empty where it wrote nothing. */
    raw: textCodec,
    /** Its reasons, where it gave a score with some. */
    rationale: nullable(textCodec),
    kind: oneOf("score", "abstention", "malformed"),
    /** Present exactly when `kind` is `score`. */
    score: nullable(real),
    /** Of the distribution over the scores. */
    variance: nullable(real),
    /** Probability of 0, 1, … 5, where the engine tells. */
    probabilities: evidence,
    /** Whether the score was weighed on a second try, after words that had none. */
    constrained: flagCodec,
  },
  pairs: {
    promptId: integerCodec,
    chosenId: integerCodec,
    rejectedId: integerCodec,
    chosenScore: real,
    rejectedScore: real,
    /** chosenScore − rejectedScore. */
    margin: real,
    evidence,
  },
  models: {
    /** `M0`, `M1`, … */
    name: textCodec,
    /** Checkpoint folder, relative to the run folder where it lies inside. */
    path: textCodec,
    weightHash: textCodec,
    /** The model it was trained from. */
    parentId: nullable(integerCodec),
    evidence,
  },
  /** One line of a training data set; exactly one of the ids is set. */
  training_rows: {
    /** File name under `datasets/`. */
    dataset: textCodec,
    /** 0-based line. */
    position: integerCodec,
    /** A preference pair for DPO. */
    pairId: nullable(integerCodec),
    /** A model's own answer used as a supervised example. */
    candidateId: nullable(integerCodec),
    /** A seed example used as it stands, or for rehearsal. */
    seedTaskId: nullable(integerCodec),
  },
  training_steps: {
    /** 1-based optimizer step. */
    step: integerCodec,
    /** Step metrics without timings: a resumed run must write the same ones. */
    metrics: json,
  },
  evaluations: {
    modelId: nullable(integerCodec),
    name: textCodec,
    result: json,
  },
} satisfies Readonly<Record<string, Readonly<Record<string, Codec<unknown>>>>>;

/** The names are the SQL table names. */
export type TableName = keyof typeof RECORDS;

export type Records = {
  readonly [T in TableName]: {
    readonly [
      M in keyof (typeof RECORDS)[T]
    ]: (typeof RECORDS)[T][M] extends Codec<infer Value> ? Value : never;
  };
};

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

interface Column {
  readonly member: string;
  /** Its name in SQL. */
  readonly column: string;
  readonly codec: Codec<unknown>;
}

export function columnsOf(table: TableName): readonly Column[] {
  return Object.entries(RECORDS[table]).map(([member, codec]) => ({
    member,
    column: member.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    codec,
  }));
}
