/**
 * @file The recipe a command is asked for: a file, or one that came along, by its name.
 */
import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { AutodidactError } from "../foundation/error.js";
import { nearestKey } from "../text/nearest-key.js";

const ENDING = ".yaml";

/**
 * @param asked a path, or the name of a bundled recipe; a file of that name comes first
 * @param folder of the bundled recipes
 * @throws USAGE for a name without ending that is neither
 */
export function recipeFile(asked: string, folder: string): string {
  const path = resolve(asked);
  if (existsSync(path) || !/^[\w-]+$/.test(asked)) return path;
  const bundled = join(folder, `${asked}${ENDING}`);
  if (existsSync(bundled)) return bundled;
  const names = readdirSync(folder)
    .filter((name) => name.endsWith(ENDING))
    .map((name) => name.slice(0, -ENDING.length))
    .sort();
  const near = nearestKey(asked, names);
  throw new AutodidactError(
    "USAGE",
    `There is no file ${asked} and no bundled recipe of that name. Bundled are: ${names.join(", ")}.${near === undefined ? "" : ` Did you mean "${near}"?`}`,
    { recipe: asked },
  );
}
