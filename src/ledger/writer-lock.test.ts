import { existsSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/ledger/support.js";
import { openLedger } from "./ledger.js";
import { requireRunFolder } from "./run-folder.js";
import { withOutputLock } from "./writer-lock.js";

test("a result is made by one process at a time, and the lock leaves nothing behind", async () => {
  const folder = temporaryFolder();
  const out = join(folder, "deep", "model");
  await withOutputLock(out, async () => {
    await expect(
      withOutputLock(out, () => Promise.resolve()),
    ).rejects.toMatchObject({ code: "STORAGE" });
    // Another result beside it is nobody's business.
    await withOutputLock(join(folder, "deep", "other"), () =>
      Promise.resolve(),
    );
  });
  await expect(
    withOutputLock(out, () => Promise.reject(new Error("failed"))),
  ).rejects.toThrow("failed");
  expect(await withOutputLock(out, () => Promise.resolve(7))).toBe(7);
  expect(readdirSync(join(folder, "deep"))).toEqual([]);
});

test.each(["recipe.yaml", "report.json"])(
  "a ledger that was emptied is refused by its name where %s tells of a run",
  (witness) => {
    const folder = temporaryFolder();
    const path = join(folder, "ledger.db");
    openLedger({ path, mode: "write" }).close();
    truncateSync(path);
    // Killed before the ledger held anything: nothing can be lost.
    expect(() => {
      requireRunFolder(folder);
    }).not.toThrow();
    writeFileSync(join(folder, witness), "x");
    expect(() => {
      requireRunFolder(folder);
    }).toThrow(`${path} is empty, although a run was recorded in it`);
    expect(existsSync(path)).toBe(true);
  },
);
