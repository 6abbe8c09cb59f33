import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { expect, onTestFinished, test } from "vitest";
import {
  writeParquetTable,
  type TableColumn,
  type TableValue,
} from "./parquet-table.js";

const COLUMNS: readonly TableColumn[] = [
  { name: "id", kind: "whole" },
  { name: "text", kind: "text" },
  { name: "score", kind: "number" },
  { name: "sure", kind: "boolean" },
];

async function written(
  rows: Iterable<readonly TableValue[]>,
): Promise<ArrayBuffer> {
  const folder = mkdtempSync(join(tmpdir(), "parquet-table-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const path = join(folder, "table.parquet");
  await writeParquetTable(path, COLUMNS, rows);
  return new Uint8Array(readFileSync(path)).buffer;
}

test("every kind of value comes back, and null in every column", async () => {
  const file = await written([
    [1, "中 \u0000 😀", 0.5, true],
    [2, "", 3, false],
    [3, null, null, null],
  ]);
  expect(await parquetReadObjects({ file })).toEqual([
    { id: 1n, text: "中 \u0000 😀", score: 0.5, sure: true },
    { id: 2n, text: "", score: 3, sure: false },
    { id: 3n, text: null, score: null, sure: null },
  ]);
});

test("columns have their types where no row tells them", async () => {
  const file = await written([]);
  expect(await parquetReadObjects({ file })).toEqual([]);
  expect(
    parquetMetadata(file).schema.flatMap(({ type }) => type ?? []),
  ).toEqual(["INT64", "BYTE_ARRAY", "DOUBLE", "BOOLEAN"]);
});

test("rows of many groups are read back in their order", async () => {
  const count = 25_001;
  const file = await written(
    Array.from({ length: count }, (_, i) => [
      i,
      `row ${i}`,
      i / 2,
      i % 2 === 0,
    ]),
  );
  const rows = await parquetReadObjects({ file });
  expect(parquetMetadata(file).row_groups).toHaveLength(3);
  expect(rows).toHaveLength(count);
  expect(
    rows.every(({ id, text }, i) => id === BigInt(i) && text === `row ${i}`),
  ).toBe(true);
});
