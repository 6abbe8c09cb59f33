/**
 * @file The built program run on a recipe, as a shell would, and killed where a test
 * wants it.
 */
import { spawnSync } from "node:child_process";

export const BINARY = new URL("../../dist/cli/main.js", import.meta.url)
  .pathname;

/** Runs or continues `recipe` in `folder` and waits for the end. */
export function runRecipe(
  recipe: string,
  folder: string,
  how: {
    /** Named point at which the process dies by SIGKILL; see src/foundation/crash-point.ts. */
    readonly crashAt?: string;
    /** Further options of the command line. */
    readonly options?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
  } = {},
) {
  const { crashAt, options = [], env = {} } = how;
  return spawnSync(
    process.execPath,
    [BINARY, "run", recipe, "--run-dir", folder, "--quiet", ...options],
    {
      encoding: "utf8",
      env: {
        ...process.env,
        ...env,
        ...(crashAt === undefined ? {} : { AUTODIDACT_CRASH_AT: crashAt }),
      },
    },
  );
}
