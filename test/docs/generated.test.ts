/**
 * @file Pages made from the source are fresh.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { expect, test } from "vitest";
import { COMMANDS } from "../../src/cli/commands/index.js";
import { renderReference } from "../../src/cli/reference.js";
import { ROOT } from "./pages.js";

test("docs/cli.md is what `npm run docs` writes", async () => {
  const path = join(ROOT, "docs/cli.md");
  const style = await resolveConfig(path);
  expect(readFileSync(path, "utf8")).toBe(
    await format(renderReference(COMMANDS), { ...style, parser: "markdown" }),
  );
});
