/**
 * @file Rows as a Parquet file that Hugging Face `datasets` and pandas read: text,
 * numbers, booleans, and conversations as lists of {role, content}.
 *
 * Every row must have the same fields of the same kinds; that is checked, because a
 * column has one type.
 */
import type { SchemaElement } from "hyparquet";
import { ByteWriter, parquetWrite } from "hyparquet-writer";
import { AutodidactError } from "../../foundation/error.js";
import { writeFileAtomic } from "../../foundation/storage.js";

type ColumnKind = "text" | "number" | "boolean" | "messages";

/** A row; its values are text, numbers, booleans or lists of messages. */
export type ParquetRow = Readonly<Record<string, unknown>>;

/**
 * Writes the rows, all or nothing.
 * @param rows at least one
 * @throws BAD_INPUT when a row has other fields or kinds than the first; STORAGE
 */
export async function writeParquet(
  path: string,
  rows: readonly ParquetRow[],
): Promise<void> {
  const columns = Object.entries(rows[0] ?? {}).map(([name, value]) => ({
    name,
    kind: kindOf(value),
  }));
  rows.forEach((row, index) => {
    requireSameColumns(row, index, columns);
  });
  const writer = new ByteWriter();
  await parquetWrite({
    writer,
    schema: [
      { name: "schema", num_children: columns.length },
      ...columns.flatMap(({ name, kind }) => schemaOf(name, kind)),
    ],
    columnData: columns.map(({ name }) => ({
      name,
      data: rows.map((row) => row[name]),
    })),
    createdBy: "autodidact",
  });
  await writeFileAtomic(path, writer.getBytes());
}

function requireSameColumns(
  row: ParquetRow,
  index: number,
  columns: readonly {
    readonly name: string;
    readonly kind: ColumnKind | null;
  }[],
): void {
  const fits =
    Object.keys(row).length === columns.length &&
    columns.every(
      ({ name, kind }) => kind !== null && kindOf(row[name]) === kind,
    );
  if (fits) return;
  const describe = (entries: readonly (readonly [string, string | null])[]) =>
    entries.map(([name, kind]) => `${name} (${kind ?? "unknown"})`).join(", ");
  throw new AutodidactError(
    "BAD_INPUT",
    `Row ${index + 1} has ${describe(Object.entries(row).map(([name, value]) => [name, kindOf(value)]))}, but a Parquet file needs the same columns in every row, here ${describe(columns.map(({ name, kind }) => [name, kind]))}. Export rows of one kind at a time, or use JSON Lines.`,
    { row: index + 1 },
  );
}

function kindOf(value: unknown): ColumnKind | null {
  if (typeof value === "string") return "text";
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "boolean";
  return Array.isArray(value) && value.every(isPlainMessage)
    ? "messages"
    : null;
}

/** A message of which nothing would be lost in two columns. */
function isPlainMessage(value: unknown): boolean {
  return (
    value !== null &&
    typeof value === "object" &&
    Object.keys(value).sort().join() === "content,role"
  );
}

function schemaOf(name: string, kind: ColumnKind | null): SchemaElement[] {
  const text = (field: string): SchemaElement => ({
    name: field,
    type: "BYTE_ARRAY",
    converted_type: "UTF8",
    repetition_type: "REQUIRED",
  });
  switch (kind) {
    case "number":
      return [{ name, type: "DOUBLE", repetition_type: "REQUIRED" }];
    case "boolean":
      return [{ name, type: "BOOLEAN", repetition_type: "REQUIRED" }];
    case "messages":
      // A list in the form of the format's specification, "Nested types".
      return [
        {
          name,
          converted_type: "LIST",
          repetition_type: "REQUIRED",
          num_children: 1,
        },
        { name: "list", repetition_type: "REPEATED", num_children: 1 },
        { name: "element", repetition_type: "REQUIRED", num_children: 2 },
        text("role"),
        text("content"),
      ];
    default:
      return [text(name)];
  }
}
