/**
 * @file Reading files of rows: whatever is in them, they are closed again.
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { placedValues, readRowFile } from "./rows.js";

const BAD = ["{", '{"a": 1}\n{', "[1, 2", "[{]", "\u0000", '{"a": 1} x'];

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
