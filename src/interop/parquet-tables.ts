/**
 * @file The tables of a run's ledger as Parquet files, one a table, for pandas, DuckDB or
 * Hugging Face `datasets`. JSON columns hold JSON text.
 */
import { join } from "node:path";
import {
  writeParquetTable,
  type TableColumn,
  type TableValue,
} from "../data/formats/parquet-table.js";
import { rowText } from "../foundation/json-lines.js";
import type { ColumnKind } from "../ledger/codecs.js";
import type { LedgerReader } from "../ledger/ledger.js";
import { columnsOf, RECORDS, type TableName } from "../ledger/records.js";
import { stageOf } from "../ledger/stage-counts.js";
import type { WrittenFile } from "./written-file.js";

const KINDS: Readonly<Record<ColumnKind, TableColumn["kind"]>> = {
  text: "text",
  word: "text",
  integer: "whole",
  number: "number",
  flag: "boolean",
  json: "text",
};

const OF_EVERY_TABLE: readonly TableColumn[] = [
  { name: "id", kind: "whole" },
  { name: "stage", kind: "text" },
  { name: "key", kind: "text" },
];

const VERDICTS = [
  ...["at", "reviewer", "subject", "stage", "key"],
  ...["rowId", "content", "verdict"],
] as const;

/** Writes `FOLDER/TABLE.parquet` for every table that has rows. @throws STORAGE */
export async function writeTables(
  ledger: LedgerReader,
  folder: string,
): Promise<readonly WrittenFile[]> {
  const written: WrittenFile[] = [];
  for (const table of Object.keys(RECORDS) as TableName[]) {
    const rows = ledger.count(table);
    if (rows === 0) continue;
    const path = join(folder, `${table}.parquet`);
    const columns = columnsOf(table).map(({ column: name, codec }) => ({
      name,
      kind: KINDS[codec.kind],
    }));
    await writeParquetTable(
      path,
      [...OF_EVERY_TABLE, ...columns],
      rowsOf(ledger, table),
    );
    written.push({ path, rows });
  }
  return [...written, ...(await writeVerdicts(ledger, folder))];
}

function* rowsOf(
  ledger: LedgerReader,
  table: TableName,
): Generator<TableValue[]> {
  const stages = ledger.counts();
  const members = columnsOf(table).map(({ member }) => member);
  for (const row of ledger.read(table)) {
    const values = row as Readonly<Record<string, unknown>>;
    yield [
      row.id,
      stageOf(stages, row)?.name ?? null,
      row.key,
      ...members.map((member) => cellOf(values[member])),
    ];
  }
}

async function writeVerdicts(
  ledger: LedgerReader,
  folder: string,
): Promise<readonly WrittenFile[]> {
  const verdicts = ledger.verdicts();
  if (verdicts.length === 0) return [];
  const path = join(folder, "verdicts.parquet");
  await writeParquetTable(
    path,
    [
      { name: "id", kind: "whole" },
      ...VERDICTS.map((member) => ({
        name: member === "rowId" ? "row_id" : member,
        kind: member === "rowId" ? ("whole" as const) : ("text" as const),
      })),
    ],
    verdicts.map((verdict) => [
      verdict.id,
      ...VERDICTS.map((member) => cellOf(verdict[member])),
    ]),
  );
  return [{ path, rows: verdicts.length }];
}

function cellOf(value: unknown): TableValue {
  switch (typeof value) {
    case "string":
    case "number":
    case "boolean":
      return value;
    default:
      return value === null || value === undefined ? null : rowText(value);
  }
}
