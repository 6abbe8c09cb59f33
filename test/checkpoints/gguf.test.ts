/**
 * @file GGUF export of the fixtures: what is refused, and that export is stable.
 * That llama.cpp computes the same from it is test/peers/gguf.peers.test.ts.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/checkpoints/checkpoint.js";
import { exportGguf } from "../../src/checkpoints/gguf.js";
import { fixturesWithout } from "../golden/family-cases.js";

const FIXTURES = "test/fixtures/checkpoints";
let work: string;
beforeEach(async () => {
  work = await mkdtemp(join(tmpdir(), "gguf-export-"));
});
afterEach(() => rm(work, { recursive: true }));

describe("gguf export", () => {
  it.each(fixturesWithout("gguf"))(
    "refuses %s, which llama.cpp would compute differently",
    async (family, reason) => {
      const checkpoint = await openCheckpoint(join(FIXTURES, family));
      const path = join(work, "model.gguf");
      await expect(
        exportGguf({ checkpoint, path, type: "f32" }),
      ).rejects.toMatchObject({
        code: "BAD_CHECKPOINT",
        message: expect.stringContaining(reason) as string,
      });
      expect(existsSync(path)).toBe(false);
    },
  );

  it("gives the same bytes each time and smaller ones for smaller types", async () => {
    const checkpoint = await openCheckpoint(join(FIXTURES, "llama"));
    const sizes: number[] = [];
    for (const type of ["f32", "f16", "q8_0"] as const) {
      const [first, second] = [join(work, "a.gguf"), join(work, "b.gguf")];
      await exportGguf({ checkpoint, path: first, type });
      await exportGguf({ checkpoint, path: second, type });
      const bytes = await readFile(first);
      expect(bytes.equals(await readFile(second))).toBe(true);
      sizes.push(bytes.byteLength);
    }
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    expect(new Set(sizes).size).toBe(3);
  });
});
