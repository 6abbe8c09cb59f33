/**
 * @file Before tests that start the binary: brings `dist` up to date, with the dashboard's
 * page.
 *
 * Emits without type checking, which is `npm run check`'s business, so that one
 * folder's unfinished types do not keep another folder's tests from running.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "vite";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

export default async function buildBinary(): Promise<void> {
  await promisify(execFile)(
    process.execPath,
    [
      "node_modules/typescript/bin/tsc",
      "-p",
      "tsconfig.build.json",
      "--noCheck",
      "--incremental",
      "false",
      "--declaration",
      "false",
    ],
    { cwd: ROOT },
  );
  await build({ configFile: `${ROOT}/vite.config.ts`, logLevel: "warn" });
  if (!existsSync(`${ROOT}/dist/cli/main.js`)) {
    throw new Error("the build wrote no dist/cli/main.js");
  }
}
