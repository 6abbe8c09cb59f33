/**
 * @file The dashboard's API, typed once for the server and the page.
 *
 * Everything lies under `/api`. Reading is GET and changes nothing; a verdict is the one
 * POST. A run is called by its `RunId`, never by a path. Pages are cut by keysets: `after`
 * is the `next` of the page before. Errors are `ApiFailure` with a status of 4xx or 5xx.
 *
 * | Address                                    | Answer             |
 * | ------------------------------------------ | ------------------ |
 * | `GET /api/runs`                            | `RunSummary[]`     |
 * | `GET /api/runs/RUN`                        | `RunDetail`        |
 * | `GET /api/runs/RUN/live?cursor=C`          | events of `LiveMessage`, their id the next cursor |
 * | `GET /api/runs/RUN/tables`                 | `TableInfo[]`      |
 * | `GET /api/runs/RUN/tables/TABLE?TableQuery` | `TablePage`       |
 * | `GET /api/runs/RUN/rows/TABLE/ID`          | `RowDetail`        |
 * | `GET /api/runs/RUN/rows/TABLE/ID/RELATION?after=A` | `TablePage` |
 * | `GET /api/runs/RUN/held-out?HeldOutQuery`  | `HeldOutPage`      |
 * | `GET /api/comparison?run=RUN&run=RUN…`     | `RunComparison`    |
 * | `GET /api/comparison/prompts?run=RUN&run=RUN&after=A` | `ComparedPromptsPage` |
 * | `GET /api/runs/RUN/review?ReviewQuery`     | `ReviewPage`       |
 * | `POST /api/runs/RUN/review` of `NewVerdict` | `ReviewProgress`  |
 * | `GET /api/runs/RUN/review/summary`         | `VerdictSummary`   |
 * | `GET /api/runs/RUN/review/export/FILE`     | a file, see `ReviewFile` |
 */

export interface ApiFailure {
  /** What happened, what was expected, what to do; harmless text. */
  readonly error: string;
  /** Of `FailureCode` in `failure.ts`, or of `ErrorCode`. */
  readonly code: string;
}

/** Name of a run in addresses: its folder's name, with that of its comparison before a slash. */
export type RunId = string;

export type RunKind = "self-rewarding" | "instruct" | "self-instruct";

/** `running`: a living process holds the run; `stopped`: it can be continued. */
export type RunState = "running" | "stopped" | "complete" | "ended-early";

export interface RunSummary {
  readonly id: RunId;
  readonly kind: RunKind;
  readonly name: string;
  /** The comparison it is an arm of, and the arm's name. */
  readonly comparison: string | null;
  readonly arm: string | null;
  readonly seed: number | null;
  /** ISO time. */
  readonly created: string | null;
  readonly state: RunState;
  /** The stage under way, or the last one. */
  readonly stage: string | null;
  readonly stagesDone: number;
  /** Null where no plan was recorded. */
  readonly stagesPlanned: number | null;
  /** Why it is of no use, where its ledger cannot be read; everything else is then empty. */
  readonly trouble: string | null;
}

export interface StageView {
  readonly name: string;
  readonly title: string | null;
  readonly state: "done" | "open" | "ahead";
  readonly requested: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly failed: number;
  readonly seconds: number;
  readonly requests: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
  /** US dollars. */
  readonly cost: number;
}

/** A mean or share with its 95 % interval. */
export interface Figure {
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** What was measured of one model; a figure that a run does not have is absent. */
export interface ModelView {
  /** `M0`, `M1`, … */
  readonly name: string;
  readonly parent: string | null;
  /** By stable key: `accuracy`, `score`, `selfReward`, `responseLength`, `judge.pairwiseAccuracy`, … */
  readonly figures: Readonly<Record<string, Figure>>;
}

export interface RunDetail extends RunSummary {
  /** The recipe as recorded, for people: YAML. */
  readonly recipe: string;
  readonly stages: readonly StageView[];
  readonly models: readonly ModelView[];
  readonly warnings: readonly {
    readonly code: string;
    readonly message: string;
  }[];
  /** Why it ended although stages were planned. */
  readonly ended: string | null;
}

/** What is new since the cursor. A first connection (cursor 0) gets the present state. */
export type LiveMessage =
  /** A stage began, moved or ended, or a number of the run changed. */
  | { readonly type: "run"; readonly run: RunDetail }
  | { readonly type: "progress"; readonly progress: LiveProgress | null }
  /** New points of training curves, oldest first; one that was told may come again. */
  | { readonly type: "curve"; readonly points: readonly CurvePoint[] }
  /** The newest rows, as text one can read; at most some tens each time. */
  | { readonly type: "rows"; readonly rows: readonly LiveRow[] }
  /** The ledger was made anew: forget everything and begin with cursor 0. */
  | { readonly type: "renewed" };

export interface LiveProgress {
  readonly stage: string;
  readonly done: number;
  /** 0 before it is known. */
  readonly total: number;
  /** Plural noun: "prompts", "steps". */
  readonly unit: string;
  /** Units a second over the last minute; null before it is known. */
  readonly rate: number | null;
  /** Seconds. */
  readonly left: number | null;
  readonly tokensPerSecond: number | null;
  /** What is waited for or prepared, in words; null while it works. */
  readonly waiting: string | null;
  /** ISO time of this reading. */
  readonly at: string;
}

export interface CurvePoint {
  readonly stage: string;
  /** 1-based. */
  readonly step: number;
  /** TRL's names: `loss`, `rewards/margins`, `rewards/accuracies`, `grad_norm`, `learning_rate`, … */
  readonly metrics: Readonly<Record<string, number>>;
}

export interface LiveRow {
  readonly table: string;
  readonly id: number;
  readonly stage: string;
  /** The first thousand characters of what it says. */
  readonly text: string;
  /** A score, a rule, a margin: what one wants beside the text. */
  readonly note: string | null;
}

export type CellKind =
  "integer" | "number" | "text" | "json" | "flag" | "reference";

export interface ColumnInfo {
  readonly name: string;
  readonly kind: CellKind;
  /** The table a reference points into. */
  readonly references: string | null;
  readonly sortable: boolean;
  /** Whether the full-text search looks into it. */
  readonly searched: boolean;
  /** The few values it has, to filter by; null where they are many. */
  readonly values: readonly string[] | null;
}

export interface TableInfo {
  /** `prompts`, `candidates`, `judgements`, `pairs`, `rejections`, `seed_tasks`, `calls`, … */
  readonly name: string;
  readonly rows: number;
  readonly columns: readonly ColumnInfo[];
  /** False while the index for sorting and searching is still being made. */
  readonly indexed: boolean;
}

export type Cell = string | number | boolean | null;

export interface TableRow {
  readonly id: number;
  /** By column; texts are cut to some hundreds of characters, JSON is its text. */
  readonly cells: Readonly<Record<string, Cell>>;
  /** Columns whose text was cut. */
  readonly cut: readonly string[];
}

/** As query parameters. */
export interface TableQuery {
  /** Ties go by id; rows without a value come last in either direction. */
  readonly sort?: string;
  readonly direction?: "up" | "down";
  /** Each `COLUMN:OP:VALUE`, OP of eq, ne, lt, le, gt, ge, has; all must hold. */
  readonly filter?: readonly string[];
  /** Words that must all occur, in any of the searched columns; `"…"` for a phrase. */
  readonly search?: string;
  readonly after?: string;
  /** 1 to 500, 100 when absent. */
  readonly limit?: number;
}

export interface TablePage {
  /** Fewer than asked for, even none, where a search took too long; `next` then goes on. */
  readonly rows: readonly TableRow[];
  /** Null on the last page. */
  readonly next: string | null;
  /** Of all that match; null where counting would take too long. */
  readonly total: number | null;
}

/** One row, texts whole up to 20 million characters, and what it came from and what came of it, one step either way. */
export interface RowDetail {
  readonly table: string;
  readonly row: TableRow;
  readonly stage: string;
  readonly relations: readonly Relation[];
}

export interface Relation {
  /** Stable key, which the page words: `written-from`, `answers`, `judged-by`, `chosen`, `trained`, … */
  readonly key: string;
  /** `up` leads towards the seeds, `down` to what came of it. */
  readonly direction: "up" | "down";
  readonly table: string;
  readonly total: number;
  /** The first twenty in full. */
  readonly rows: readonly TableRow[];
}

/** Left and right may be empty: the last model is set against the one before. */
export interface HeldOutQuery {
  readonly left: string;
  readonly right: string;
  /** `lost`: left right, right wrong; `gained`: the reverse. */
  readonly show?: "lost" | "gained" | "both" | "neither" | "all";
  readonly search?: string;
  readonly after?: string;
}

export interface HeldOutPage {
  /** Models that answered the held-out prompts. */
  readonly models: readonly string[];
  readonly counts: Readonly<
    Record<"lost" | "gained" | "both" | "neither", number>
  >;
  readonly prompts: readonly PromptWithAnswers[];
  readonly next: string | null;
}

export interface PromptWithAnswers {
  /** 0-based place in the held-out file. */
  readonly index: number;
  readonly prompt: string;
  readonly expected: string | null;
  /** One a model, in the order of `models`. */
  readonly answers: readonly {
    readonly model: string;
    readonly text: string;
    /** What the verifier says; null where none looked. */
    readonly correct: boolean | null;
    readonly score: number | null;
    /** What the model's own judge says. */
    readonly selfReward: number | null;
  }[];
}

export interface RunComparison {
  readonly runs: readonly RunDetail[];
  /** Keys of the recipes that differ, with each run's value as text, null where it has none. */
  readonly recipe: readonly {
    readonly key: string;
    readonly values: readonly (string | null)[];
  }[];
  /** Training curves, each run's at most 400 points. */
  readonly curves: readonly {
    readonly run: RunId;
    readonly points: readonly CurvePoint[];
  }[];
}

export interface ComparedPromptsPage {
  /** Held-out prompts on which the runs' last models differ, with each run's answer. */
  readonly prompts: readonly {
    readonly prompt: string;
    readonly answers: readonly {
      readonly run: RunId;
      readonly model: string;
      readonly text: string;
      readonly correct: boolean | null;
      readonly score: number | null;
    }[];
  }[];
  readonly next: string | null;
}

export type ReviewSubject = "pairs" | "rows";

export interface ReviewQuery {
  readonly subject: ReviewSubject;
  readonly reviewer: string;
  /** Hides which was chosen, and draws the order anew for each item. */
  readonly blind?: boolean;
}

export interface ReviewPage extends ReviewProgress {
  /** Null when everything was reviewed. */
  readonly item: ReviewItem | null;
}

export interface ReviewProgress {
  /** By this reviewer. */
  readonly done: number;
  readonly total: number;
}

export type ReviewItem =
  | {
      readonly subject: "pairs";
      /** Row of `pairs`. */
      readonly id: number;
      readonly prompt: string;
      /** As shown: left, right. */
      readonly answers: readonly [string, string];
      /** Which side the judge chose; null when blind. */
      readonly chosen: "left" | "right" | null;
      /** Given back with the verdict, so that the server knows what was shown where. */
      readonly swapped: boolean;
      /** Hash of what is judged; given back, so that no verdict meets another row. */
      readonly content: string;
    }
  | {
      readonly subject: "rows";
      /** Row of `candidates`. */
      readonly id: number;
      readonly instruction: string;
      readonly input: string;
      readonly output: string;
      /** As of a pair. */
      readonly content: string;
    };

export type NewVerdict =
  | {
      readonly subject: "pairs";
      readonly id: number;
      readonly reviewer: string;
      readonly blind: boolean;
      readonly swapped: boolean;
      readonly better: "left" | "right" | "equal";
      /** As the item had it. */
      readonly content: string;
    }
  | {
      readonly subject: "rows";
      readonly id: number;
      readonly reviewer: string;
      /** Self-Instruct's three questions: is the instruction a valid task, does the input suit it, is the output right? */
      readonly instruction: boolean;
      readonly input: boolean;
      readonly output: boolean;
      /** As the item had it. */
      readonly content: string;
    };

export interface VerdictSummary {
  readonly reviewers: readonly {
    readonly reviewer: string;
    readonly verdicts: number;
  }[];
  /** Share of pairs on which most reviewers and the judge agree, equals left out. */
  readonly agreement: Figure | null;
  readonly pairs: {
    readonly agree: number;
    readonly disagree: number;
    readonly equal: number;
  };
  /** Share of pairs that several reviewers decided on which all of them agree. */
  readonly betweenReviewers: {
    readonly pairs: number;
    readonly agreement: Figure;
  } | null;
  /** Verdicts on rows that the ledger does not hold, or holds otherwise, since it was made anew. */
  readonly without: number;
  /** Shares of reviewed rows, as Self-Instruct's table 2 has them. */
  readonly quality: {
    readonly rows: number;
    readonly instruction: Figure;
    readonly input: Figure;
    readonly output: Figure;
    readonly all: Figure;
  } | null;
}

/**
 * `pairs.jsonl`: prompt, chosen, rejected in TRL's format, corrected by the verdicts;
 * `eft.jsonl`: rows that teach a judge; `verdicts.jsonl`: every verdict as given.
 */
export type ReviewFile = "pairs.jsonl" | "eft.jsonl" | "verdicts.jsonl";
