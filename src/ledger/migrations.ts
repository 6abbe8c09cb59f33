/**
 * @file The ledger's schema, as an append-only list of steps.
 *
 * A published step is never edited, removed or reordered: each is recorded with
 * its hash in the ledger, and what is recorded must be a prefix of this list.
 *
 * Tables of records refuse UPDATE and DELETE: the ledger only grows.
 */

export interface Migration {
  readonly name: string;
  readonly sql: string;
  /** Ledgers that this step cannot bring along. */
  readonly refuses?: {
    /** Gives a row for such a ledger. */
    readonly query: string;
    /** What is in it that this version cannot read, and the remedy: full sentences. */
    readonly why: string;
  };
}

/** Record tables of the first step. A later table belongs to a later step. */
const FIRST_RECORD_TABLES: Readonly<Record<string, string>> = {
  models: `
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    weight_hash TEXT NOT NULL,
    parent_id INTEGER REFERENCES models (id),
    evidence TEXT`,
  seed_tasks: `
    kind TEXT NOT NULL CHECK (kind IN ('ift', 'eft')),
    origin TEXT NOT NULL,
    instruction TEXT NOT NULL,
    input TEXT,
    output TEXT,
    evidence TEXT`,
  prompts: `
    text TEXT NOT NULL,
    instruction TEXT,
    input TEXT,
    origin TEXT NOT NULL CHECK (origin IN ('generated', 'seed', 'file')),
    model_id INTEGER REFERENCES models (id),
    evidence TEXT`,
  prompt_sources: `
    prompt_id INTEGER NOT NULL REFERENCES prompts (id),
    position INTEGER NOT NULL CHECK (position >= 0),
    seed_task_id INTEGER REFERENCES seed_tasks (id),
    source_prompt_id INTEGER REFERENCES prompts (id) CHECK (source_prompt_id < prompt_id),
    CHECK ((seed_task_id IS NULL) <> (source_prompt_id IS NULL))`,
  rejections: `
    subject TEXT NOT NULL,
    subject_id INTEGER,
    text TEXT,
    rule TEXT NOT NULL,
    evidence TEXT,
    nearest_table TEXT CHECK (nearest_table IN ('seed_tasks', 'prompts', 'novelty')),
    nearest_id INTEGER,
    score REAL`,
  candidates: `
    prompt_id INTEGER NOT NULL REFERENCES prompts (id),
    model_id INTEGER REFERENCES models (id),
    sample_index INTEGER NOT NULL CHECK (sample_index >= 0),
    text TEXT NOT NULL,
    tokens INTEGER NOT NULL CHECK (tokens >= 0),
    finish_reason TEXT NOT NULL CHECK (finish_reason IN ('stop', 'length')),
    merged_count INTEGER NOT NULL CHECK (merged_count >= 1),
    evidence TEXT`,
  judgements: `
    candidate_id INTEGER NOT NULL REFERENCES candidates (id),
    judge TEXT NOT NULL,
    judge_model_id INTEGER REFERENCES models (id),
    sample_index INTEGER NOT NULL CHECK (sample_index >= 0),
    raw TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('score', 'abstention', 'malformed')),
    score REAL,
    variance REAL CHECK (variance >= 0),
    probabilities TEXT,
    CHECK ((kind = 'score') = (score IS NOT NULL))`,
  pairs: `
    prompt_id INTEGER NOT NULL REFERENCES prompts (id),
    chosen_id INTEGER NOT NULL REFERENCES candidates (id),
    rejected_id INTEGER NOT NULL REFERENCES candidates (id) CHECK (rejected_id <> chosen_id),
    chosen_score REAL NOT NULL,
    rejected_score REAL NOT NULL,
    margin REAL NOT NULL,
    evidence TEXT`,
  training_rows: `
    dataset TEXT NOT NULL,
    position INTEGER NOT NULL CHECK (position >= 0),
    pair_id INTEGER REFERENCES pairs (id),
    candidate_id INTEGER REFERENCES candidates (id),
    seed_task_id INTEGER REFERENCES seed_tasks (id),
    CHECK ((pair_id IS NOT NULL) + (candidate_id IS NOT NULL) + (seed_task_id IS NOT NULL) = 1)`,
  training_steps: `
    step INTEGER NOT NULL CHECK (step >= 1),
    metrics TEXT NOT NULL`,
  evaluations: `
    model_id INTEGER REFERENCES models (id),
    name TEXT NOT NULL,
    result TEXT NOT NULL`,
  novelty: `
    pool TEXT NOT NULL,
    payload TEXT NOT NULL`,
  warnings: `
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    evidence TEXT`,
};

/**
 * One row a sample. Before, a row held the samples joined, their rationale among the
 * probabilities, and in `raw` the source's name or the form's words where the judge wrote
 * nothing. JSON writes with `\u` what no column takes as it is; the text codec reads that.
 */
const JUDGE_SAMPLES = (FIRST_RECORD_TABLES["judgements"] ?? "").replace(
  "raw TEXT NOT NULL,",
  "$& rationale TEXT,",
);

/** Every record table starts alike; the index on the stage gives its rows in order without a sort. */
function recordTable(name: string, columns: string): string {
  return `
CREATE TABLE ${name} (
    id INTEGER PRIMARY KEY,
    stage_id INTEGER NOT NULL REFERENCES stages (id),
    key TEXT NOT NULL,${columns},
    UNIQUE (stage_id, key)
) STRICT;
CREATE INDEX ${name}_by_stage ON ${name} (stage_id);
CREATE TRIGGER ${name}_no_update BEFORE UPDATE ON ${name}
  BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END;
CREATE TRIGGER ${name}_no_delete BEFORE DELETE ON ${name}
  BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END;`;
}

export const MIGRATIONS: readonly Migration[] = [
  {
    name: "first-schema",
    sql: `
CREATE TABLE runs (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    recipe TEXT NOT NULL,
    recipe_hash TEXT NOT NULL,
    seed INTEGER NOT NULL,
    environment TEXT NOT NULL,
    created TEXT NOT NULL,
    finished TEXT
) STRICT;
CREATE TABLE processes (
    id INTEGER PRIMARY KEY,
    pid INTEGER NOT NULL,
    host TEXT NOT NULL,
    opened TEXT NOT NULL,
    environment TEXT
) STRICT;
CREATE TABLE stages (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    input_hash TEXT NOT NULL,
    begun TEXT NOT NULL,
    rows INTEGER NOT NULL DEFAULT 0,
    requested INTEGER NOT NULL DEFAULT 0,
    accepted INTEGER NOT NULL DEFAULT 0,
    rejected INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    output TEXT,
    completed TEXT
) STRICT;
${Object.entries(FIRST_RECORD_TABLES)
  .map(([name, columns]) => recordTable(name, columns))
  .join("\n")}
CREATE INDEX prompt_sources_by_prompt ON prompt_sources (prompt_id);
CREATE INDEX candidates_by_prompt ON candidates (prompt_id);
CREATE INDEX judgements_by_candidate ON judgements (candidate_id);
CREATE INDEX pairs_by_prompt ON pairs (prompt_id);
CREATE INDEX rejections_by_rule ON rejections (rule);
CREATE INDEX training_rows_by_dataset ON training_rows (dataset);
CREATE TABLE calls (
    key TEXT PRIMARY KEY,
    model TEXT NOT NULL,
    request TEXT NOT NULL,
    response TEXT NOT NULL,
    tokens_in INTEGER NOT NULL,
    tokens_out INTEGER NOT NULL,
    cost REAL NOT NULL
) STRICT;
CREATE TABLE call_failures (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    model TEXT NOT NULL,
    request TEXT NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX call_failures_by_key ON call_failures (key);
CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    type TEXT NOT NULL,
    payload TEXT NOT NULL
) STRICT;`,
  },
  {
    name: "working-time",
    sql: "ALTER TABLE stages ADD COLUMN seconds REAL NOT NULL DEFAULT 0 CHECK (seconds >= 0);",
  },
  {
    name: "judge-samples",
    refuses: {
      query: `
SELECT 1 FROM judgements, runs
WHERE judge_model_id IS NOT NULL
  AND json_extract(recipe, '$.judge.reward') = 'samples'
  AND json_extract(recipe, '$.judge.samples') > 1
LIMIT 1`,
      why: "It holds several judge samples of an answer in one row, from which they cannot be told apart again, and one row a sample was expected. Finish the run with the version that made it, or start afresh in another folder.",
    },
    sql: `
CREATE TABLE judgements_before AS SELECT * FROM judgements;
DROP TABLE judgements;${recordTable("judgements", JUDGE_SAMPLES)}
CREATE INDEX judgements_by_candidate ON judgements (candidate_id);
INSERT INTO judgements
SELECT id, stage_id, key || '/0', candidate_id, judge, judge_model_id, sample_index,
  CASE
    WHEN judge_model_id IS NULL THEN ''
    WHEN json_extract(probabilities, '$.probabilities') IS NULL THEN raw
    ELSE coalesce(rationale, '')
  END,
  rationale, kind, score, variance, json_extract(probabilities, '$.probabilities')
FROM (
  SELECT *, CASE
      WHEN instr(probabilities -> '$.rationale', '\\u') > 0
      THEN char(27) || 'json:' || (probabilities -> '$.rationale')
      ELSE json_extract(probabilities, '$.rationale')
    END AS rationale
  FROM judgements_before
);
DROP TABLE judgements_before;
DROP TABLE novelty;
DROP TABLE warnings;`,
  },
  { name: "no-call-failures", sql: "DROP TABLE call_failures;" },
  {
    name: "constrained-judgements",
    sql: "ALTER TABLE judgements ADD COLUMN constrained INTEGER NOT NULL DEFAULT 0 CHECK (constrained IN (0, 1));",
  },
  {
    name: "usage-by-stage",
    sql: `
ALTER TABLE calls ADD COLUMN stage TEXT;
ALTER TABLE stages ADD COLUMN requests INTEGER NOT NULL DEFAULT 0;
ALTER TABLE stages ADD COLUMN tokens_in INTEGER NOT NULL DEFAULT 0;
ALTER TABLE stages ADD COLUMN tokens_out INTEGER NOT NULL DEFAULT 0;
ALTER TABLE stages ADD COLUMN cost REAL NOT NULL DEFAULT 0;`,
  },
  {
    name: "verdicts",
    sql: `
CREATE TABLE verdicts (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    reviewer TEXT NOT NULL,
    subject TEXT NOT NULL CHECK (subject IN ('pairs', 'candidates')),
    stage TEXT NOT NULL,
    key TEXT NOT NULL,
    content TEXT NOT NULL,
    verdict TEXT NOT NULL
) STRICT;
CREATE TRIGGER verdicts_no_update BEFORE UPDATE ON verdicts
  BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END;
CREATE TRIGGER verdicts_no_delete BEFORE DELETE ON verdicts
  BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END;`,
  },
];
