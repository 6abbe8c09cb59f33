/**
 * @file Which member of a record lies in which column, and how.
 *
 * One total table over `Records`: the compiler refuses a record member without a
 * column. The SQL side is in `migrations.ts`; a test holds the two together.
 */
import { type Codec, integer, json, nullable, real, text } from "./codecs.js";
import type { Records, TableName } from "./records.js";

interface Column {
  /** Name in SQL. */
  readonly column: string;
  readonly codec: Codec;
}

type Columns<R> = { readonly [K in keyof R]-?: Column };

const column = (name: string, codec: Codec): Column => ({
  column: name,
  codec,
});

export const TABLES: { readonly [T in TableName]: Columns<Records[T]> } = {
  seed_tasks: {
    kind: column("kind", text),
    origin: column("origin", text),
    instruction: column("instruction", text),
    input: column("input", nullable(text)),
    output: column("output", nullable(text)),
    evidence: column("evidence", nullable(json)),
  },
  prompts: {
    text: column("text", text),
    instruction: column("instruction", nullable(text)),
    input: column("input", nullable(text)),
    origin: column("origin", text),
    modelId: column("model_id", nullable(integer)),
    evidence: column("evidence", nullable(json)),
  },
  prompt_sources: {
    promptId: column("prompt_id", integer),
    position: column("position", integer),
    seedTaskId: column("seed_task_id", nullable(integer)),
    sourcePromptId: column("source_prompt_id", nullable(integer)),
  },
  rejections: {
    subject: column("subject", text),
    subjectId: column("subject_id", nullable(integer)),
    text: column("text", nullable(text)),
    rule: column("rule", text),
    evidence: column("evidence", nullable(json)),
    nearestTable: column("nearest_table", nullable(text)),
    nearestId: column("nearest_id", nullable(integer)),
    score: column("score", nullable(real)),
  },
  candidates: {
    promptId: column("prompt_id", integer),
    modelId: column("model_id", nullable(integer)),
    sampleIndex: column("sample_index", integer),
    text: column("text", text),
    tokens: column("tokens", integer),
    finishReason: column("finish_reason", text),
    mergedCount: column("merged_count", integer),
    evidence: column("evidence", nullable(json)),
  },
  judgements: {
    candidateId: column("candidate_id", integer),
    judge: column("judge", text),
    judgeModelId: column("judge_model_id", nullable(integer)),
    sampleIndex: column("sample_index", integer),
    raw: column("raw", text),
    kind: column("kind", text),
    score: column("score", nullable(real)),
    variance: column("variance", nullable(real)),
    probabilities: column("probabilities", nullable(json)),
  },
  pairs: {
    promptId: column("prompt_id", integer),
    chosenId: column("chosen_id", integer),
    rejectedId: column("rejected_id", integer),
    chosenScore: column("chosen_score", real),
    rejectedScore: column("rejected_score", real),
    margin: column("margin", real),
    evidence: column("evidence", nullable(json)),
  },
  models: {
    name: column("name", text),
    path: column("path", text),
    weightHash: column("weight_hash", text),
    parentId: column("parent_id", nullable(integer)),
    evidence: column("evidence", nullable(json)),
  },
  training_rows: {
    dataset: column("dataset", text),
    position: column("position", integer),
    pairId: column("pair_id", nullable(integer)),
    candidateId: column("candidate_id", nullable(integer)),
    seedTaskId: column("seed_task_id", nullable(integer)),
  },
  training_steps: {
    step: column("step", integer),
    metrics: column("metrics", json),
  },
  evaluations: {
    modelId: column("model_id", nullable(integer)),
    name: column("name", text),
    result: column("result", json),
  },
  novelty: {
    pool: column("pool", text),
    payload: column("payload", json),
  },
  warnings: {
    code: column("code", text),
    message: column("message", text),
    evidence: column("evidence", nullable(json)),
  },
};

/** The columns of a table as a list: record member, SQL name, codec. */
export function columnsOf(table: TableName): readonly {
  readonly member: string;
  readonly column: string;
  readonly codec: Codec;
}[] {
  return Object.entries(TABLES[table]).map(([member, spec]) => ({
    member,
    ...spec,
  }));
}
