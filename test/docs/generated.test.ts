/**
 * @file Pages made from the source are fresh.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { expect, test } from "vitest";
import { renderModelsPage } from "../../scripts/models-page.js";
import { renderRecipesPage } from "../../scripts/recipes-page.js";
import { withRoomsTable } from "../../scripts/rooms-table.js";
import { COMMANDS } from "../../src/cli/commands/index.js";
import { renderReference } from "../../scripts/cli-page.js";
import { ROOT } from "./pages.js";

test.each<[string, (text: string) => string]>([
  ["docs/architecture.md", withRoomsTable],
  ["docs/cli.md", () => renderReference(COMMANDS)],
  ["docs/models.md", renderModelsPage],
  ["docs/recipes.md", renderRecipesPage],
])("%s is what `npm run docs` writes", async (page, render) => {
  const path = join(ROOT, page);
  const style = await resolveConfig(path);
  const text = readFileSync(path, "utf8");
  expect(text).toBe(
    await format(render(text), { ...style, parser: "markdown" }),
  );
});

test("every key of a recipe that is not a group says what it means", () => {
  const silent = renderRecipesPage()
    .split("\n")
    .filter((line) => /^\| `/.test(line))
    .filter((line) => /\|\s*\|$/.test(line));
  expect(silent).toEqual([]);
});
