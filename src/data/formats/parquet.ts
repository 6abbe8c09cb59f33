/**
 * @file Rows as a Parquet file that Hugging Face `datasets` and pandas read.
 *
 * A column has one type, which all its values decide: text, booleans, whole numbers
 * (INT64), other numbers (DOUBLE), conversations as lists of {role, content}; other
 * lists and objects as JSON text, for a nested column would fill in the fields that one
 * row has and another lacks. What cannot be kept as it is, is refused.
 */
import type { SchemaElement } from "hyparquet";
import { ByteWriter, parquetWrite } from "hyparquet-writer";
import { AutodidactError } from "../../foundation/error.js";
import { isWholeNumber, rowText } from "../../foundation/json-lines.js";
import { writeFileAtomic } from "../../foundation/storage.js";
import { SCALAR_TYPES } from "./parquet-types.js";

/** A row; its values are what JSON has, whole numbers of any size as `bigint`. */
export type ParquetRow = Readonly<Record<string, unknown>>;

type ColumnKind = keyof typeof KINDS;

/** Kinds of values as messages name them. */
const KINDS = {
  text: "text",
  boolean: "true or false",
  whole: "a whole number",
  number: "a number",
  messages: "a conversation",
  empty: "an empty list",
  json: "a list or an object",
} as const;

/** Where a value stands; rows count from 0. */
interface Place {
  readonly field: string;
  readonly index: number;
}

interface Column {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly data: readonly unknown[];
}

/**
 * Writes the rows, all or nothing.
 * @param rows at least one
 * @throws BAD_INPUT naming field and row: other fields than the first row has, values of two kinds, what a column cannot hold; STORAGE
 */
export async function writeParquet(
  path: string,
  rows: readonly ParquetRow[],
): Promise<void> {
  const names = Object.keys(rows[0] ?? {});
  for (const [index, row] of rows.entries())
    requireSameFields(row, index, names);
  const columns = names.map((name) => columnOf(name, rows));
  const writer = new ByteWriter();
  await parquetWrite({
    writer,
    schema: [
      { name: "schema", num_children: columns.length },
      ...columns.flatMap(schemaOf),
    ],
    columnData: columns.map(({ name, data }) => ({ name, data: [...data] })),
    createdBy: "autodidact",
  });
  await writeFileAtomic(path, writer.getBytes());
}

function requireSameFields(
  row: ParquetRow,
  index: number,
  names: readonly string[],
): void {
  const lacks = names.find((name) => !Object.hasOwn(row, name));
  const known = new Set(names);
  const extra = Object.keys(row).find((name) => !known.has(name));
  const field = lacks ?? extra;
  if (field === undefined) return;
  throw refused(
    { field, index },
    lacks === undefined ? "is not in row 1" : "is missing",
    "Give every row the same fields, null where there is nothing to say; export rows of one kind at a time, or use JSON Lines.",
  );
}

function columnOf(name: string, rows: readonly ParquetRow[]): Column {
  let kind: ColumnKind | undefined;
  for (const [index, row] of rows.entries()) {
    const found = kindOf(row, name, index);
    if (found === undefined) continue;
    const common = kind === undefined ? found : commonKind(kind, found);
    if (kind !== undefined && common === undefined)
      throw refused(
        { field: name, index },
        `is ${KINDS[found]}, before it ${KINDS[kind]}`,
        "A column of Parquet has one type: write one kind of value in every row, or use JSON Lines.",
      );
    kind = common;
  }
  const data = rows.map((row, index) => {
    const value = row[name];
    const place = { field: name, index };
    if (value === null || value === undefined) return null;
    if (kind === "json" || kind === "empty") return rowText(value);
    if (kind === "whole")
      return requireFit(BigInt(value as number | bigint), INT64, place);
    return kind === "number" && typeof value === "bigint"
      ? Number(requireFit(value, EXACT, place))
      : value;
  });
  return { name, kind: kind ?? "text", data };
}

/** What holds values of both kinds. */
function commonKind(
  one: ColumnKind,
  other: ColumnKind,
): ColumnKind | undefined {
  if (one === other) return one;
  const among = (...kinds: readonly ColumnKind[]): boolean =>
    kinds.includes(one) && kinds.includes(other);
  if (among("whole", "number")) return "number";
  if (among("messages", "empty")) return "messages";
  return among("messages", "json", "empty") ? "json" : undefined;
}

function kindOf(
  row: ParquetRow,
  field: string,
  index: number,
): ColumnKind | undefined {
  const value = row[field];
  switch (typeof value) {
    case "string":
      return "text";
    case "boolean":
      return "boolean";
    case "bigint":
      return "whole";
    case "number":
      return isWholeNumber(row, field) ? "whole" : "number";
    default:
      return value === null || value === undefined
        ? undefined
        : listKind(value, { field, index });
  }
}

function listKind(value: object, place: Place): ColumnKind {
  if (!Array.isArray(value)) return "json";
  if (value.length === 0) return "empty";
  if (!value.every(isMessage)) return "json";
  const more = value
    .flatMap((message) => Object.entries(message))
    .find(
      ([name, said]) =>
        (name !== "role" && name !== "content") || typeof said !== "string",
    );
  if (more === undefined) return "messages";
  throw refused(
    place,
    `has a message whose “${more[0]}” is more than a text for its role and its content`,
    "A column of conversations holds these two: take the rest out, or use JSON Lines (--format messages).",
  );
}

function isMessage(value: unknown): value is object {
  return (
    typeof value === "object" &&
    value !== null &&
    "role" in value &&
    "content" in value
  );
}

interface Bound {
  readonly holds: (value: bigint) => boolean;
  readonly column: string;
}
const INT64: Bound = {
  holds: (value) => BigInt.asIntN(64, value) === value,
  column: "a column of whole numbers (64 bits)",
};
const EXACT: Bound = {
  holds: (value) => BigInt(Number(value)) === value,
  column: "a column of whole and other numbers (DOUBLE)",
};

function requireFit(
  value: bigint,
  { holds, column }: Bound,
  place: Place,
): bigint {
  if (holds(value)) return value;
  throw refused(
    place,
    `is ${value}, which ${column} cannot hold`,
    "Write it in quotation marks, in every row, or use JSON Lines.",
  );
}

function refused(
  { field, index }: Place,
  problem: string,
  remedy: string,
): AutodidactError {
  return new AutodidactError(
    "BAD_INPUT",
    `Parquet cannot hold row ${index + 1}: its field “${field}” ${problem}. ${remedy}`,
    { field, row: index + 1 },
  );
}

function schemaOf({ name, kind, data }: Column): SchemaElement[] {
  const text = (field: string): SchemaElement => ({
    name: field,
    ...SCALAR_TYPES.text,
    repetition_type: "REQUIRED",
  });
  const repetition_type = data.includes(null) ? "OPTIONAL" : "REQUIRED";
  if (kind !== "messages") {
    const scalar = kind === "json" || kind === "empty" ? "text" : kind;
    return [{ name, ...SCALAR_TYPES[scalar], repetition_type }];
  }
  // A list in the form of the format's specification, "Nested types".
  return [
    { name, converted_type: "LIST", repetition_type, num_children: 1 },
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    { name: "element", repetition_type: "REQUIRED", num_children: 2 },
    text("role"),
    text("content"),
  ];
}
