/**
 * @file Each parser of foreign text, a few hundred texts and the kept ones. A process
 * of its own runs them, so that one that hangs is ended and named.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { TARGETS } from "./targets.js";

const PROGRAM = fileURLToPath(new URL("run.ts", import.meta.url));

test.each(Object.keys(TARGETS))("%s bear whatever they are given", (name) => {
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", PROGRAM, name],
    // What hangs would take hours: the limit measures nothing.
    { encoding: "utf8", timeout: 300_000, killSignal: "SIGKILL" },
  );
  expect(status, stderr).toBe(0);
});
