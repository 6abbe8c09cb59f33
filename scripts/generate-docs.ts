/**
 * @file Writes the pages of docs/ that are made from the source: `npm run docs`.
 */
import { readFile, writeFile } from "node:fs/promises";
import { format, resolveConfig } from "prettier";
import { COMMANDS } from "../src/cli/commands/index.js";
import { renderReference } from "./cli-page.js";
import { renderModelsPage } from "./models-page.js";
import { renderRecipesPage } from "./recipes-page.js";
import { withRoomsTable } from "./rooms-table.js";

/** Each page from its text so far, of which only one keeps a part. */
const PAGES: Readonly<Record<string, (text: string) => string>> = {
  "architecture.md": withRoomsTable,
  "cli.md": () => renderReference(COMMANDS),
  "models.md": renderModelsPage,
  "recipes.md": renderRecipesPage,
};

for (const [name, render] of Object.entries(PAGES)) {
  const page = new URL(`../docs/${name}`, import.meta.url).pathname;
  const style = await resolveConfig(page);
  const text = render(await readFile(page, "utf8"));
  await writeFile(page, await format(text, { ...style, parser: "markdown" }));
  console.log(`wrote ${page}`);
}
