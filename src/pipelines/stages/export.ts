/**
 * @file Training data, a run's or a file's, written in the format another program
 * wants.
 *
 * Rows are told apart by their fields. A row that a format cannot hold is an error
 * that names its line; nothing is left out without a word.
 */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { readPlacedAlpaca, writeAlpaca } from "../../data/formats/alpaca.js";
import { alpacaToMessages } from "../../data/formats/convert.js";
import { rowError } from "../../data/formats/field-errors.js";
import type { AlpacaRow } from "../../data/formats/instruction-records.js";
import { writeParquet } from "../../data/formats/parquet.js";
import {
  readRowFile,
  type PlacedRow,
  type RowFile,
} from "../../data/formats/rows.js";
import {
  messageText,
  type ChatMessage,
  type MessagesRow,
  type PreferenceRow,
  type Prompt,
  type PromptCompletionRow,
  type SupervisedRow,
} from "../../data/records.js";
import {
  hasField,
  readPreferenceRows,
  readSupervisedRows,
} from "../../data/training-rows.js";
import { AutodidactError, messageOf } from "../../foundation/error.js";
import { writeJsonLines } from "../../foundation/json-lines.js";
import { asConversation, shownPrompt } from "./prompt-rows.js";

export const EXPORT_FORMATS = [
  "alpaca",
  "messages",
  "prompt-completion",
  "dpo",
  "parquet",
] as const;

export type ExportFormat = (typeof EXPORT_FORMATS)[number];

interface RowsOf<Kind, Row> {
  readonly kind: Kind;
  readonly path: string;
  readonly rows: readonly PlacedRow<Row>[];
}

/** Rows of one file, all of one kind. */
export type DataRows =
  | RowsOf<"preference", PreferenceRow>
  | RowsOf<"supervised", SupervisedRow>
  | RowsOf<"alpaca", AlpacaRow>;

/** Reads a data file of any format known here. @throws BAD_INPUT naming file, line and field */
export async function readDataFile(path: string): Promise<DataRows> {
  const file = await readRowFile(path);
  const first = file.values[0]?.value;
  if (hasField(first, "chosen")) {
    const rows = whole(file, await readPreferenceRows(file));
    return { kind: "preference", path, rows };
  }
  if (hasField(first, "instruction")) {
    const rows = whole(file, await readPlacedAlpaca(file));
    return { kind: "alpaca", path, rows };
  }
  const rows = whole(file, await readSupervisedRows(file));
  return { kind: "supervised", path, rows };
}

/** Checked rows with all their other fields, which every format carries along. */
function whole<T extends object>(
  { values }: RowFile,
  rows: readonly PlacedRow<T>[],
): readonly PlacedRow<T>[] {
  return rows.map((placed, i) => ({
    ...placed,
    row: { ...(values[i]?.value as object), ...placed.row },
  }));
}

/**
 * The data files of a run that `format` can hold.
 * @param name one of them, `M1` for instance; all that fit when undefined
 * @throws BAD_INPUT: no such folder or file, none that fits, or for Parquet more than one kind
 */
export async function readRunData(
  run: string,
  format: ExportFormat,
  name: string | undefined,
): Promise<readonly DataRows[]> {
  const made = await instructData(run);
  if (made !== undefined && name === undefined && holds(format, made.kind))
    return [made];
  if (made !== undefined) {
    throw new AutodidactError(
      "BAD_INPUT",
      `${run} is a run of \`autodidact instruct\`: it has one data set of tasks, ${made.path}, and no preference pairs. Leave out --dataset, and choose a --format other than dpo.`,
      { path: made.path, format },
    );
  }
  const folder = join(run, "datasets");
  const names = await listDatasets(folder);
  const wanted = name === undefined ? names : names.filter((n) => n === name);
  if (wanted.length === 0) {
    throw new AutodidactError(
      "BAD_INPUT",
      name === undefined
        ? `${folder} holds no data set yet. Export when the run has trained its first model.`
        : `${folder} has no data set “${name}”; it has ${names.join(", ")}. Give one of these with --dataset.`,
      { path: folder, names },
    );
  }
  const files = await Promise.all(
    wanted.map((each) => readDataFile(join(folder, `${each}.jsonl`))),
  );
  const fitting = files.filter(({ kind }) => holds(format, kind));
  const kinds = new Set(fitting.map(({ kind }) => kind));
  if (fitting.length === 0 || (format === "parquet" && kinds.size > 1)) {
    throw new AutodidactError(
      "BAD_INPUT",
      `${folder} has ${files.map(({ path, kind }) => `${basename(path)} (${kind})`).join(", ")}, ${fitting.length === 0 ? `none of which the format ${format} can hold. Choose another --format` : "which do not fit into one Parquet file. Choose one with --dataset"}.`,
      { path: folder, format },
    );
  }
  return fitting;
}

/** The tasks of a Self-Instruct run; undefined for a run of another kind. */
async function instructData(run: string): Promise<DataRows | undefined> {
  const path = join(run, "dataset", "alpaca.json");
  return existsSync(path) ? readDataFile(path) : undefined;
}

async function listDatasets(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder))
      .filter((name) => name.endsWith(".jsonl"))
      .map((name) => name.slice(0, -".jsonl".length))
      .sort();
  } catch (cause) {
    throw new AutodidactError(
      "BAD_INPUT",
      `Cannot read ${folder}: ${messageOf(cause)}. Give the folder of a run.`,
      { path: folder },
      { cause },
    );
  }
}

function holds(format: ExportFormat, kind: DataRows["kind"]): boolean {
  return format === "parquet" || (format === "dpo") === (kind === "preference");
}

/** Rows as a format has them. */
export type ConvertedRows =
  | { readonly format: "alpaca"; readonly rows: readonly AlpacaRow[] }
  | {
      readonly format: Exclude<ExportFormat, "alpaca">;
      readonly rows: readonly object[];
    };

/** All rows of `files`, in order. @throws BAD_INPUT for a row the format cannot hold */
export function convertRows(
  files: readonly DataRows[],
  format: ExportFormat,
): ConvertedRows {
  const [misfit] = files.filter(({ kind }) => !holds(format, kind));
  if (misfit !== undefined) {
    throw new AutodidactError(
      "BAD_INPUT",
      `${misfit.path} holds ${misfit.kind === "preference" ? "preference pairs" : "answers without a rejected side"}, which the format ${format} cannot hold. Choose ${misfit.kind === "preference" ? "dpo or parquet" : "alpaca, messages, prompt-completion or parquet"}.`,
      { path: misfit.path, format },
    );
  }
  const placed = files.flatMap(({ rows }): readonly AnyRow[] => rows);
  const single = placed.map(({ row }) => row);
  switch (format) {
    case "alpaca":
      return { format, rows: placed.map(toAlpaca) };
    case "messages":
      return { format, rows: placed.map(toMessages) };
    case "prompt-completion":
      return { format, rows: placed.map(toPromptCompletion) };
    case "dpo":
      return { format, rows: single };
    case "parquet":
      return { format, rows: withWeights(single) };
  }
}

/** All or nothing. @throws STORAGE */
export async function writeConverted(
  { format, rows }: ConvertedRows,
  out: string,
): Promise<void> {
  if (format === "alpaca") await writeAlpaca(out, rows);
  else if (format === "parquet")
    await writeParquet(
      out,
      rows.map((row) => ({ ...row })),
    );
  else await writeJsonLines(out, rows);
}

type AnyRow = PlacedRow<SupervisedRow | PreferenceRow | AlpacaRow>;

function toAlpaca(placed: AnyRow): AlpacaRow {
  const { row } = placed;
  if ("instruction" in row) {
    const { instruction, input, output, ...rest } = row;
    return { instruction, input, output, ...rest };
  }
  if ("completion" in row) {
    const { prompt, completion, ...rest } = row;
    return {
      instruction: shownPrompt(prompt),
      input: "",
      output: answerText(completion),
      ...rest,
    };
  }
  const { messages, ...rest } = row as MessagesRow;
  const [question, answer, ...more] = messages;
  const isExchange = question?.role === "user" && answer?.role === "assistant";
  if (!isExchange || more.length > 0) throw noExchange(placed);
  for (const { role: _role, content: _content, ...fields } of messages) {
    const [field] = Object.keys(fields);
    if (field !== undefined) throw noPlaceFor(placed, field);
  }
  return {
    instruction: messageText(question),
    input: "",
    output: messageText(answer),
    ...rest,
  };
}

function toMessages(placed: AnyRow): MessagesRow {
  const { row } = placed;
  if ("instruction" in row) {
    const { instruction, input, output, ...rest } = row;
    const { messages } = alpacaToMessages({ instruction, input, output });
    const { system, history, ...others } = rest as Record<string, unknown>;
    const earlier = earlierTurns.safeParse({ system, history });
    if (!earlier.success)
      throw noPlaceFor(placed, String(earlier.error.issues[0]?.path[0]));
    return { messages: [...earlier.data, ...messages], ...others };
  }
  if ("completion" in row) {
    const { prompt, completion, ...rest } = row;
    const answer: readonly ChatMessage[] =
      typeof completion === "string"
        ? [{ role: "assistant", content: completion }]
        : completion;
    return { messages: [...asConversation(prompt), ...answer], ...rest };
  }
  return row as MessagesRow;
}

/** What Alpaca files with several turns have besides the last one. */
const earlierTurns = z
  .object({
    system: z.string().nullish(),
    history: z.array(z.tuple([z.string(), z.string()])).nullish(),
  })
  .transform(({ system, history }): readonly ChatMessage[] => [
    ...(system ? [{ role: "system" as const, content: system }] : []),
    ...(history ?? []).flatMap(([asked, answered]) => [
      { role: "user" as const, content: asked },
      { role: "assistant" as const, content: answered },
    ]),
  ]);

/** The last answer of a conversation is its completion. */
function toPromptCompletion(placed: AnyRow): PromptCompletionRow {
  if ("completion" in placed.row) return placed.row;
  const { messages, ...rest } = toMessages(placed);
  const last = messages.at(-1);
  if (last?.role !== "assistant" || messages.length < 2)
    throw noExchange(placed);
  return { prompt: messages.slice(0, -1), completion: [last], ...rest };
}

function answerText(completion: Prompt): string {
  return typeof completion === "string"
    ? completion
    : completion.map(messageText).join("\n\n");
}

/** A column holds a value in every row: where one row has a weight, all have. */
function withWeights(
  rows: readonly object[],
): readonly Readonly<Record<string, unknown>>[] {
  const weighted = rows.some((row) => "weight" in row);
  return rows.map((row) => ({ ...(weighted ? { weight: 1 } : {}), ...row }));
}

function noExchange({ path, line }: AnyRow): AutodidactError {
  return rowError(
    { path, line },
    "the conversation is not one that the format can hold: Alpaca has one user message and its answer, prompt and completion end with an answer",
    "Mend or remove the row, or export as messages.",
    "messages",
  );
}

function noPlaceFor({ path, line }: AnyRow, field: string): AutodidactError {
  return rowError(
    { path, line },
    `the field “${field}” is not one that the format can hold`,
    "Mend or remove it, or choose another format.",
    field,
  );
}
