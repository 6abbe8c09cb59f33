/**
 * @file Reading files of rows: whatever is in them, they are closed again.
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { placedValues, readRowFile } from "./rows.js";

const BAD = [
  "{",
  "{\n",
  '{\n"a": 1\n',
  '{"a": 1}\n{',
  "[1, 2",
  "[{]",
  "\u0000",
  '{"a": 1} x',
];

test.skipIf(process.platform === "win32")(
  "closes a file that is refused, and one that is not read to its end",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "rows-"));
    const path = join(folder, "rows.json");
    const open = (): number => readdirSync("/dev/fd").length;
    const before = open();
    for (const text of BAD) {
      writeFileSync(path, text);
      for (let time = 0; time < 10; time++)
        await expect(readRowFile(path)).rejects.toMatchObject({
          code: "BAD_INPUT",
        });
    }
    writeFileSync(path, '{"a": 1}\n{"a": 2}\n');
    for (let time = 0; time < 10; time++)
      for await (const { line } of placedValues(path)) {
        expect(line).toBe(1);
        break;
      }
    rmSync(folder, { recursive: true });
    expect(open()).toBeLessThan(before + 5);
  },
);

const PRINTED = '\uFEFF\n{\n  "a": "}\\" {",\n  "b": [\n    {}\n  ]\n}';

test.each([
  [PRINTED, [2]],
  [`${PRINTED}\n${PRINTED.slice(1)}\n\n`, [2, 9]],
  [`${PRINTED} {"c": 1}`, [2, 7]],
])("objects over several lines are rows: %#", async (text, expected) => {
  const folder = mkdtempSync(join(tmpdir(), "rows-"));
  const path = join(folder, "rows.json");
  writeFileSync(path, text);
  const { values } = await readRowFile(path);
  rmSync(folder, { recursive: true });
  expect(values.map(({ line }) => line)).toEqual(expected);
  expect(values[0]?.value).toEqual({ a: '}" {', b: [{}] });
});

test.each([
  ['{\n"a": 1,\n', "line 1: the object that begins here and goes on"],
  ['{"a": 1,\n{"a": 2}\n', "line 1: the object that begins here and goes on"],
  ['{\n"a": 1\n},\n{"a": 2}\n', "line 3: the entry that begins here is not"],
  ['{\n"a": 1\n}\n{\n"a": 2,\n}', "line 4: the entry that begins here is not"],
  ['{\n"a": 1,\n"a": 2}', "line 1: the entry that begins here has the key “a”"],
  ['{"a": "b\n"}', "line 1: is not JSON"],
])("%j is told to be what it is", async (text, words) => {
  async function* bytes(): AsyncGenerator<Buffer> {
    // As they may come through a pipe.
    for (const byte of Buffer.from(text))
      yield await Promise.resolve(Buffer.of(byte));
  }
  const read = async (): Promise<void> => {
    for await (const { value } of placedValues("rows.json", bytes()))
      expect(value).toEqual({ a: 1 });
  };
  await expect(read()).rejects.toThrow(`rows.json, ${words}`);
});
