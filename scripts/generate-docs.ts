/**
 * @file Writes the pages of docs/ that are made from the source: `npm run docs`.
 */
import { writeFile } from "node:fs/promises";
import { format, resolveConfig } from "prettier";
import { COMMANDS } from "../src/cli/commands/index.js";
import { renderReference } from "../src/cli/reference.js";
import { renderModelsPage } from "./models-page.js";
import { renderRecipesPage } from "./recipes-page.js";

const PAGES: Readonly<Record<string, string>> = {
  "cli.md": renderReference(COMMANDS),
  "models.md": renderModelsPage(),
  "recipes.md": renderRecipesPage(),
};

for (const [name, text] of Object.entries(PAGES)) {
  const page = new URL(`../docs/${name}`, import.meta.url).pathname;
  const style = await resolveConfig(page);
  await writeFile(page, await format(text, { ...style, parser: "markdown" }));
  console.log(`wrote ${page}`);
}
