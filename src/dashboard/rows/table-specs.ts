/**
 * @file Which tables of a run are shown, and their columns: those of the ledger by its own
 * codecs, texts of the rows they point to, and what is computed of other tables.
 *
 * What instruct runs call instructions and instances are rows of `prompts` and
 * `candidates`; they are shown as tables of their own.
 */
import { INSTANCE_STAGE, INSTRUCTION_STAGE } from "../../instruct/stages.js";
import {
  STAGE_COLUMN,
  type StoredColumn,
  storedColumns,
  type StoredTable,
} from "../../ledger/stored-tables.js";
import type { CellKind } from "../api/api.js";

/** A text of the row that `via` points to. */
interface JoinedText {
  readonly via: string;
  readonly table: StoredTable;
  readonly column: string;
}

/** What is worked out of other tables; `computed-columns.ts` knows how. */
export type ComputedColumn =
  | "children"
  | "descendants"
  | "chosen_true_score"
  | "rejected_true_score"
  | "true_margin";

export interface ShownColumn {
  readonly name: string;
  readonly kind: CellKind;
  readonly references: StoredTable | null;
  /** Short values that can be listed, sorted by and compared; otherwise text is only searched. */
  readonly sortable: boolean;
  /** Whether the full-text index holds it. */
  readonly searched: boolean;
  readonly stored?: StoredColumn;
  readonly joined?: JoinedText;
  readonly computed?: ComputedColumn;
}

export interface TableSpec {
  readonly name: string;
  readonly base: StoredTable;
  /** Only rows of this stage. */
  readonly stage: string | null;
  readonly columns: readonly ShownColumn[];
}

const REFERENCES: Readonly<Record<string, StoredTable>> = {
  prompt_id: "prompts",
  source_prompt_id: "prompts",
  model_id: "models",
  judge_model_id: "models",
  parent_id: "models",
  candidate_id: "candidates",
  chosen_id: "candidates",
  rejected_id: "candidates",
  pair_id: "pairs",
  seed_task_id: "seed_tasks",
};

/** Texts that models and people wrote, and keys: too many values to sort by. */
const PROSE = new Set([
  "text",
  "instruction",
  "input",
  "output",
  "raw",
  "rationale",
  "key",
]);

/** JSON in which one looks for words. */
const SEARCHED_JSON = new Set(["evidence", "response"]);

function storedColumn(stored: StoredColumn): ShownColumn {
  const { name, kind } = stored;
  const references = REFERENCES[name] ?? null;
  const prose = kind === "text" && PROSE.has(name);
  const asWord = kind === "word" || (kind === "text" && !prose);
  return {
    name,
    kind: references !== null ? "reference" : kind === "word" ? "text" : kind,
    references,
    sortable: asWord || (kind !== "json" && !prose),
    searched:
      name !== "key" && (prose || (kind === "json" && SEARCHED_JSON.has(name))),
    stored,
  };
}

function joinedColumn(
  name: string,
  joined: JoinedText,
  searched = false,
): ShownColumn {
  return {
    name,
    kind: "text",
    references: null,
    sortable: false,
    searched,
    joined,
  };
}

function computedColumn(
  name: ComputedColumn,
  kind: "integer" | "number",
): ShownColumn {
  return {
    name,
    kind,
    references: null,
    sortable: true,
    searched: false,
    computed: name,
  };
}

const ID: ShownColumn = {
  name: "id",
  kind: "integer",
  references: null,
  sortable: true,
  searched: false,
};

const PROMPT_TEXT = {
  via: "prompt_id",
  table: "prompts",
  column: "text",
} as const;

/** Columns that are not the ledger's own, by table. */
const ADDED: Readonly<Record<string, readonly ShownColumn[]>> = {
  candidates: [joinedColumn("prompt", PROMPT_TEXT)],
  judgements: [
    joinedColumn("answer", {
      via: "candidate_id",
      table: "candidates",
      column: "text",
    }),
  ],
  pairs: [
    joinedColumn("prompt", PROMPT_TEXT, true),
    ...["chosen", "rejected"].map((side) =>
      joinedColumn(
        side,
        { via: `${side}_id`, table: "candidates", column: "text" },
        true,
      ),
    ),
    computedColumn("chosen_true_score", "number"),
    computedColumn("rejected_true_score", "number"),
    computedColumn("true_margin", "number"),
  ],
  seed_tasks: [
    computedColumn("children", "integer"),
    computedColumn("descendants", "integer"),
  ],
  instances: ["instruction", "input"].map((column) =>
    joinedColumn(column, { via: "prompt_id", table: "prompts", column }, true),
  ),
};

function specOf(
  name: string,
  base: StoredTable = name as StoredTable,
  stage: string | null = null,
): TableSpec {
  const columns = storedColumns(base).map(storedColumn);
  const [first, ...others] = columns
    .filter((column) => column.name === STAGE_COLUMN)
    .concat(columns.filter((column) => column.name !== STAGE_COLUMN));
  return {
    name,
    base,
    stage,
    columns: [
      ID,
      ...(ADDED[name] ?? []).filter(({ joined }) => joined !== undefined),
      ...others,
      ...(ADDED[name] ?? []).filter(({ computed }) => computed !== undefined),
      ...(first === undefined ? [] : [first]),
    ],
  };
}

/** In the order in which a run makes them. */
export const TABLES: readonly TableSpec[] = [
  specOf("seed_tasks"),
  specOf("prompts"),
  specOf("candidates"),
  specOf("judgements"),
  specOf("pairs"),
  specOf("rejections"),
  specOf("training_rows"),
  specOf("training_steps"),
  specOf("models"),
  specOf("evaluations"),
  specOf("calls"),
  specOf("instructions", "prompts", INSTRUCTION_STAGE),
  specOf("instances", "candidates", INSTANCE_STAGE),
];

/** Prompts and what they were written from: followed, not shown. */
export const PROMPT_SOURCES = specOf("prompt_sources");

export function columnNamed(
  spec: TableSpec,
  name: string,
): ShownColumn | undefined {
  return spec.columns.find((column) => column.name === name);
}
