/**
 * @file A table of known columns as a Parquet file, written some rows at a time, so that
 * memory stays flat however long it is. Any value may be null.
 */
import type { SchemaElement } from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { writeFileAtomic } from "../../foundation/storage.js";
import { SCALAR_TYPES, type ScalarKind } from "./parquet-types.js";

export interface TableColumn {
  readonly name: string;
  readonly kind: ScalarKind;
}

export type TableValue = string | number | boolean | null;

/** Rows of a group, which is held in memory. */
const GROUP = 10_000;

/**
 * Writes the rows, all or nothing.
 * @param rows values in the order of the columns, each of its column's kind or null
 * @throws STORAGE
 */
export async function writeParquetTable(
  path: string,
  columns: readonly TableColumn[],
  rows: Iterable<readonly TableValue[]>,
): Promise<void> {
  await writeFileAtomic(path, tableBytes(columns, rows));
}

async function* tableBytes(
  columns: readonly TableColumn[],
  rows: Iterable<readonly TableValue[]>,
): AsyncGenerator<Uint8Array> {
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({
    writer: bytes,
    schema: [
      { name: "schema", num_children: columns.length },
      ...columns.map(schemaOf),
    ],
    createdBy: "autodidact",
  });
  for (const group of groupsOf(rows)) {
    await writer.write({
      columnData: columns.map(({ name, kind }, place) => ({
        name,
        data: group.map((row) => storedAs(kind, row[place] ?? null)),
      })),
      rowGroupSize: GROUP,
    });
    yield taken(bytes);
  }
  await writer.finish();
  yield taken(bytes);
}

/** What was written since it was taken last; to be used before more is written. */
function taken(bytes: ByteWriter): Uint8Array {
  const part = bytes.getBytes();
  bytes.index = 0;
  return part;
}

function* groupsOf<Row>(rows: Iterable<Row>): Generator<Row[]> {
  let group: Row[] = [];
  for (const row of rows) {
    group.push(row);
    if (group.length < GROUP) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

function storedAs(kind: ScalarKind, value: TableValue): TableValue | bigint {
  return kind === "whole" && value !== null ? BigInt(value) : value;
}

function schemaOf({ name, kind }: TableColumn): SchemaElement {
  return { name, ...SCALAR_TYPES[kind], repetition_type: "OPTIONAL" };
}
