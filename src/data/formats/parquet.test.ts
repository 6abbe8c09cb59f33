import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { afterAll, describe, expect, it } from "vitest";
import { parseRow } from "../../foundation/json-lines.js";
import { writeParquet, type ParquetRow } from "./parquet.js";

const folder = mkdtempSync(join(tmpdir(), "parquet-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What a reader finds of rows that were read as `lines`, and the type of each leaf. */
async function written(...lines: readonly string[]): Promise<{
  readonly rows: readonly unknown[];
  readonly types: readonly unknown[];
}> {
  const path = join(folder, "rows.parquet");
  await writeParquet(path, lines.map(parseRow) as ParquetRow[]);
  const { buffer } = new Uint8Array(readFileSync(path));
  return {
    rows: await parquetReadObjects({ file: buffer }),
    types: parquetMetadata(buffer).schema.flatMap(
      ({ name, type, repetition_type }) =>
        type === undefined ? [] : [`${name} ${type} ${repetition_type}`],
    ),
  };
}

describe("a column", () => {
  it.each([
    ["INT64", ["1", "2"], [1n, 2n]],
    [
      "INT64",
      ["9007199254740993", "-9223372036854775808", "9223372036854775807", "0"],
      [9007199254740993n, -(2n ** 63n), 2n ** 63n - 1n, 0n],
    ],
    ["DOUBLE", ["1.0", "2.0"], [1, 2]],
    ["DOUBLE", ["1e5", "-0"], [100000, -0]],
    ["DOUBLE", ["1", "2.5", "18014398509481984"], [1, 2.5, 2 ** 54]],
    ["BOOLEAN", ["true", "false"], [true, false]],
    ["BYTE_ARRAY", ['"9007199254740993"', '""'], ["9007199254740993", ""]],
    [
      "BYTE_ARRAY",
      ['{"a":1.0,"b":[12345678901234567890]}', "[1]", "[]"],
      ['{"a":1.0,"b":[12345678901234567890]}', "[1]", "[]"],
    ],
    [
      "BYTE_ARRAY",
      ['["a"]', '[{"role":"user","content":"x"}]'],
      ['["a"]', '[{"role":"user","content":"x"}]'],
    ],
    ["BYTE_ARRAY", ["[]", "[]"], ["[]", "[]"]],
  ])("of type %s holds %j", async (type, values, expected) => {
    const { rows, types } = await written(
      ...values.map((value) => `{"x":${value}}`),
    );
    expect(rows).toEqual(expected.map((x) => ({ x })));
    expect(types).toEqual([`x ${type} REQUIRED`]);
    const padded = await written(
      ...[...values, "null"].map((value) => `{"x":${value}}`),
    );
    expect(padded.rows).toEqual([...expected, null].map((x) => ({ x })));
    expect(padded.types).toEqual([`x ${type} OPTIONAL`]);
  });

  it("of conversations is nested, also where one is empty or none", async () => {
    const turn =
      '[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]';
    const { rows, types } = await written(
      `{"m":${turn}}`,
      '{"m":[]}',
      '{"m":null}',
    );
    expect(rows.slice(0, 2)).toEqual([
      { m: JSON.parse(turn) as unknown },
      { m: [] },
    ]);
    expect(types).toEqual([
      "role BYTE_ARRAY REQUIRED",
      "content BYTE_ARRAY REQUIRED",
    ]);
  });

  it.each([
    [
      "row 2: its field “x” is text, before it a whole number",
      ['{"x":1}', '{"x":"1"}'],
    ],
    [
      "row 3: its field “x” is true or false, before it a number",
      ['{"x":1.5}', '{"x":2}', '{"x":true}'],
    ],
    [
      "row 2: its field “x” is a conversation, before it text",
      ['{"x":"a"}', '{"x":[{"role":"user","content":"a"}]}'],
    ],
    [
      "row 2: its field “x” is an empty list, before it text",
      ['{"x":"a"}', '{"x":[]}'],
    ],
    [
      "row 2: its field “x” is 9223372036854775808, which a column of whole",
      ['{"x":1}', '{"x":9223372036854775808}'],
    ],
    [
      "row 2: its field “x” is 9007199254740993, which a column of whole and",
      ['{"x":1.5}', '{"x":9007199254740993}'],
    ],
    [
      "row 1: its field “x” has a message whose “tool_calls” is more",
      ['{"x":[{"role":"assistant","content":"","tool_calls":[]}]}'],
    ],
    [
      "row 1: its field “x” has a message whose “content” is more",
      ['{"x":[{"role":"user","content":[{"type":"text","text":"a"}]}]}'],
    ],
    ["row 2: its field “y” is missing", ['{"x":1,"y":2}', '{"x":1}']],
    ["row 2: its field “y” is not in row 1", ['{"x":1}', '{"x":1,"y":2}']],
  ])("is refused by field and row: %s", async (words, lines) => {
    await expect(written(...lines)).rejects.toThrow(
      `Parquet cannot hold ${words}`,
    );
    await expect(written(...lines)).rejects.toThrow(/JSON Lines/u);
  });
});
