/**
 * @file The kind of a recipe is what it says, the loop's when it says nothing.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readRecipeKind } from "./recipe-kind.js";

const folder = mkdtempSync(join(tmpdir(), "recipe-kind-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(text: string): string {
  const path = join(folder, "recipe.yaml");
  writeFileSync(path, text);
  return path;
}

test.each([
  ["name: a\n", "self-rewarding"],
  ["kind: self-rewarding\n", "self-rewarding"],
  ["kind: self-instruct\nname: a\n", "self-instruct"],
  // Whoever loads the recipe tells what is wrong with these.
  ["- a\n- b\n", "self-rewarding"],
  ["kind: [\n", "self-rewarding"],
])("%j is of kind %s", async (text, kind) => {
  expect(await readRecipeKind(file(text))).toBe(kind);
});

test("a kind that does not exist is an error that names the nearest", async () => {
  await expect(
    readRecipeKind(file("kind: self-instructt\n")),
  ).rejects.toMatchObject({
    code: "USAGE",
    message: expect.stringContaining('Did you mean "self-instruct"?') as string,
  });
});

test("a missing file is left to the loader", async () => {
  expect(await readRecipeKind(join(folder, "none.yaml"))).toBe(
    "self-rewarding",
  );
});
