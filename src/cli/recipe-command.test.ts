import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { requireRecipeOf } from "./recipe-command.js";

const RECIPES = new URL("../../recipes", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "recipe-command-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(text: string): string {
  const path = join(folder, "recipe.yaml");
  writeFileSync(path, text);
  return path;
}

test.each([
  ["run", "nursery.yaml"],
  ["run", "nursery-arms.yaml"],
  ["run", "nursery-self-instruct.yaml"],
  ["instruct", "instruct/paper.yaml"],
] as const)(
  "%s takes %s, and the other command names it",
  async (own, name) => {
    const other = own === "run" ? "instruct" : "run";
    const path = join(RECIPES, name);
    await expect(requireRecipeOf(own, path)).resolves.toBeUndefined();
    await expect(requireRecipeOf(other, path)).rejects.toMatchObject({
      code: "USAGE",
      message: expect.stringMatching(
        new RegExp(
          `^${path} is a recipe of .autodidact ${own}., not of .autodidact ${other}.\\. Run it with .autodidact ${own} ${path}`,
          "u",
        ),
      ) as string,
    });
  },
);

test.each([
  // Shared keys, a misspelt one among its own, and no recipe: the loader's to judge.
  "name: mine\nseed: 3\n",
  "acept: 5\nstyle: chat\n",
  "- a\n- b\n",
  "kind: [\n",
  "just words\n",
])("instruct is left to judge %j", async (text) => {
  await expect(
    requireRecipeOf("instruct", file(text)),
  ).resolves.toBeUndefined();
});

test("a file that does not exist is the loader's to judge", async () => {
  await expect(
    requireRecipeOf("run", join(folder, "none.yaml")),
  ).resolves.toBeUndefined();
});
