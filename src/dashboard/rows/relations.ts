/**
 * @file What each row came from and what came of it, one step either way: the table of
 * relations, by the key that the page words.
 */
import { INSTRUCTION_STAGE } from "../../instruct/stages.js";
import { decodeBeginning } from "../../ledger/codecs.js";
import type { SqlRow } from "../../ledger/database.js";
import type { StoredTables } from "../../ledger/stored-tables.js";
import type { Relation } from "../api/api.js";
import {
  ancestorsOf,
  descendantPrompts,
  type PromptGraph,
} from "./prompt-graph.js";
import { rawAnswers } from "./raw-answers.js";

/** Rows by their ids, or by a test over a column of their table. */
export type Related =
  | { readonly ids: readonly number[] }
  | {
      readonly column: string;
      /** Whether a row with this value in the column belongs to it. */
      readonly test: (value: number) => boolean;
    };

export interface RelationSpec {
  readonly key: string;
  readonly direction: Relation["direction"];
  /** Name of a shown table. */
  readonly table: string;
  /** @returns null where the row has no such relation */
  readonly find: (from: Origin) => Related | null | Promise<Related | null>;
}

/** A row, and where its relations are looked for. */
export interface Origin {
  readonly id: number;
  /** The row's own columns as stored. */
  readonly row: SqlRow;
  readonly ledger: StoredTables;
  readonly graph: PromptGraph;
  /** Answers that were kept for a stage. */
  readonly callsOfStage: (stage: string) => Promise<readonly number[]>;
}

/** Characters of a text that is looked for in answers. */
const LONGEST_TEXT = 20_000;

/** The one row that a column points to. */
function pointed(column: string): RelationSpec["find"] {
  return ({ row }) => {
    const id = row[column];
    return typeof id === "number" ? { ids: [id] } : null;
  };
}

/** Rows whose column points to this one. */
function pointing(column: string): RelationSpec["find"] {
  return ({ id }) => ({ column, test: (value) => value === id });
}

function referring(
  ledger: StoredTables,
  [table, column]: readonly ["candidates" | "judgements" | "pairs", string],
  values: readonly number[],
): Related {
  return { ids: ledger.referring(table, column, values) };
}

function up(
  key: string,
  table: string,
  find: RelationSpec["find"],
): RelationSpec {
  return { key, direction: "up", table, find };
}

function down(
  key: string,
  table: string,
  find: RelationSpec["find"],
): RelationSpec {
  return { key, direction: "down", table, find };
}

/** Of the prompt that `promptOf` names: what it was written from, and the seeds behind that. */
function behindPrompt(
  promptOf: (origin: Origin) => number | null,
): readonly RelationSpec[] {
  const from =
    (kind: "seeds" | "prompts" | "all"): RelationSpec["find"] =>
    (origin) => {
      const prompt = promptOf(origin);
      if (prompt === null) return null;
      const { direct, seeds } = ancestorsOf(origin.ledger, prompt);
      return { ids: kind === "all" ? seeds : direct[kind] };
    };
  return [
    up("written-from-seeds", "seed_tasks", from("seeds")),
    up("written-from-prompts", "prompts", from("prompts")),
    up("seeds-behind", "seed_tasks", from("all")),
  ];
}

const promptIdOf = ({ row }: Origin): number | null =>
  typeof row["prompt_id"] === "number" ? row["prompt_id"] : null;

/** Models that the stage of this row trained. */
const trainedInStage: RelationSpec["find"] = ({ ledger, row }) => ({
  ids: ledger.ofStage("models", String(row["stage"])),
});

/** Models trained on rows whose `column` is this row. */
function trainedOn(column: string): RelationSpec["find"] {
  return async ({ id, graph, ledger }) => {
    const stages = await graph.stagesOfTrainingRows(column, id);
    return { ids: stages.flatMap((stage) => ledger.ofStage("models", stage)) };
  };
}

const answersOfPrompt: RelationSpec["find"] = (origin) => {
  const prompt = promptIdOf(origin);
  return prompt === null
    ? null
    : referring(origin.ledger, ["candidates", "prompt_id"], [prompt]);
};

/** What the model answered, of which the row was made. */
function rawAnswer(
  promptOf: (origin: Origin) => unknown,
): RelationSpec["find"] {
  return async (origin) => {
    const { ledger, row } = origin;
    const calls = await origin.callsOfStage(String(row["stage"]));
    if (calls.length === 0) return null;
    const prompt = promptOf(origin);
    const [asked] =
      typeof prompt === "number"
        ? ledger.rows("prompts", [prompt], {
            columns: [{ name: "instruction", kind: "text" }],
            longest: LONGEST_TEXT,
          })
        : [];
    const textOf = (value: unknown): string | null =>
      typeof value === "string" ? decodeBeginning(value) : null;
    return {
      ids: await rawAnswers(ledger, {
        calls,
        text: textOf(row["text"] ?? row["raw"]),
        instruction: textOf(asked?.["instruction"]),
      }),
    };
  };
}

const PROMPTS: readonly RelationSpec[] = [
  ...behindPrompt(({ id }) => id),
  up("written-by", "models", pointed("model_id")),
  up(
    "raw-answer",
    "calls",
    rawAnswer(({ id, row }) =>
      row["stage"] === INSTRUCTION_STAGE ? null : id,
    ),
  ),
  down("answers", "candidates", ({ ledger, id }) =>
    referring(ledger, ["candidates", "prompt_id"], [id]),
  ),
  down("pairs", "pairs", ({ ledger, id }) =>
    referring(ledger, ["pairs", "prompt_id"], [id]),
  ),
  down("written-into", "prompts", async ({ graph, id }) => ({
    ids: await graph.writtenFrom("source_prompt_id", id),
  })),
  down("rejections", "rejections", pointing("subject_id")),
];

const CANDIDATES: readonly RelationSpec[] = [
  up("prompt", "prompts", pointed("prompt_id")),
  ...behindPrompt(promptIdOf),
  up("written-by", "models", pointed("model_id")),
  up("raw-answer", "calls", rawAnswer(promptIdOf)),
  down("judged-by", "judgements", ({ ledger, id }) =>
    referring(ledger, ["judgements", "candidate_id"], [id]),
  ),
  down("chosen", "pairs", pointing("chosen_id")),
  down("rejected", "pairs", pointing("rejected_id")),
  down("trained", "training_rows", pointing("candidate_id")),
  down("trained-model", "models", trainedOn("candidate_id")),
];

/** By the name of the shown table. */
export const RELATIONS: Readonly<Record<string, readonly RelationSpec[]>> = {
  seed_tasks: [
    down("written-into", "prompts", async ({ graph, id }) => ({
      ids: await graph.writtenFrom("seed_task_id", id),
    })),
    down("descendants", "prompts", async ({ graph, id }) => {
      const member = await descendantPrompts(graph, id);
      return { column: "id", test: (prompt) => member[prompt] === 1 };
    }),
    ...(["candidates", "pairs"] as const).map((table) =>
      down(
        table === "pairs" ? "pairs" : "answers",
        table,
        async ({ graph, id }) => {
          const member = await descendantPrompts(graph, id);
          return {
            column: "prompt_id",
            test: (prompt) => member[prompt] === 1,
          };
        },
      ),
    ),
    down("trained", "training_rows", pointing("seed_task_id")),
    down("trained-model", "models", trainedOn("seed_task_id")),
  ],
  prompts: PROMPTS,
  instructions: PROMPTS,
  candidates: CANDIDATES,
  instances: CANDIDATES,
  judgements: [
    up("answer", "candidates", pointed("candidate_id")),
    up("prompt", "prompts", ({ ledger, row }) => {
      const [answer] = ledger.rows(
        "candidates",
        [Number(row["candidate_id"])],
        { columns: [{ name: "prompt_id", kind: "integer" }], longest: 0 },
      );
      return { ids: [Number(answer?.["prompt_id"])] };
    }),
    up("judged-by-model", "models", pointed("judge_model_id")),
    up(
      "raw-answer",
      "calls",
      rawAnswer(() => null),
    ),
  ],
  pairs: [
    up("prompt", "prompts", pointed("prompt_id")),
    ...behindPrompt(promptIdOf),
    up("chosen-answer", "candidates", pointed("chosen_id")),
    up("rejected-answer", "candidates", pointed("rejected_id")),
    up("answers", "candidates", answersOfPrompt),
    up("judged-by", "judgements", ({ ledger, row }) => {
      const answers = ledger.referring("candidates", "prompt_id", [
        Number(row["prompt_id"]),
      ]);
      return referring(ledger, ["judgements", "candidate_id"], answers);
    }),
    down("trained", "training_rows", pointing("pair_id")),
    down("trained-model", "models", trainedOn("pair_id")),
    down("measured", "evaluations", async ({ id, graph, ledger }) => {
      const stages = await graph.stagesOfTrainingRows("pair_id", id);
      const models = new Set(
        stages.flatMap((stage) => ledger.ofStage("models", stage)),
      );
      return { column: "model_id", test: (model) => models.has(model) };
    }),
  ],
  rejections: [
    ...(["prompts", "seed_tasks"] as const).map((table) =>
      up(
        `nearest-${table === "prompts" ? "prompt" : "seed"}`,
        table,
        ({ row }) =>
          row["nearest_table"] === table &&
          typeof row["nearest_id"] === "number"
            ? { ids: [row["nearest_id"]] }
            : null,
      ),
    ),
    ...(["prompts", "candidates"] as const).map((table) =>
      up(
        `subject-${table === "prompts" ? "prompt" : "answer"}`,
        table,
        ({ row }) =>
          typeof row["subject_id"] === "number" &&
          (row["subject"] === "candidate") === (table === "candidates")
            ? { ids: [row["subject_id"]] }
            : null,
      ),
    ),
    up(
      "raw-answer",
      "calls",
      rawAnswer(({ row }) => row["subject_id"]),
    ),
  ],
  training_rows: [
    up("pair", "pairs", pointed("pair_id")),
    up("answer", "candidates", pointed("candidate_id")),
    up("seed", "seed_tasks", pointed("seed_task_id")),
    down("trained-model", "models", trainedInStage),
  ],
  training_steps: [down("trained-model", "models", trainedInStage)],
  models: [
    up("parent", "models", pointed("parent_id")),
    up("learned-from", "training_rows", ({ ledger, row }) => ({
      ids: ledger.ofStage("training_rows", String(row["stage"])),
    })),
    down("became", "models", pointing("parent_id")),
    down("measured", "evaluations", pointing("model_id")),
    down("prompts-written", "prompts", pointing("model_id")),
    down("answers", "candidates", pointing("model_id")),
    down("judgements", "judgements", pointing("judge_model_id")),
  ],
  evaluations: [up("model", "models", pointed("model_id"))],
  calls: [],
};
