/**
 * @file Writes the pages of docs/ that are made from the source: `npm run docs`.
 */
import { writeFile } from "node:fs/promises";
import { format, resolveConfig } from "prettier";
import { COMMANDS } from "../src/cli/commands/index.js";
import { renderReference } from "../src/cli/reference.js";

const page = new URL("../docs/cli.md", import.meta.url).pathname;
const style = await resolveConfig(page);
await writeFile(
  page,
  await format(renderReference(COMMANDS), { ...style, parser: "markdown" }),
);
console.log(`wrote ${page}`);
