/**
 * @file The examples of the pages run.
 *
 * A block opened with "```sh runnable" is run by the shell, in an empty folder
 * that has the repository's recipes, seeds and nursery, with this build as
 * `autodidact`. It must succeed and say nothing on standard error. A block opened
 * with "```text output" right after it holds the exact output.
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { examplesOf, pages, ROOT } from "./pages.js";
import type { Example } from "./pages.js";

/** What an example may read. */
const SHARED_FOLDERS = ["recipes", "seeds", "nursery", "test"];

interface Runnable extends Example {
  readonly output: string | undefined;
}

const runnable = pages().flatMap((page) => {
  const examples = examplesOf(page);
  return examples.flatMap((example, index): Runnable[] => {
    if (!example.marks.includes("runnable")) return [];
    const next = examples[index + 1];
    const output = next?.marks.includes("output") ? next.code : undefined;
    return [{ ...example, output }];
  });
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "example-"));
  for (const name of SHARED_FOLDERS) {
    if (existsSync(join(ROOT, name))) {
      await symlink(join(ROOT, name), join(folder, name));
    }
  }
  await writeFile(
    join(folder, "autodidact"),
    `#!/bin/sh\nexec "${process.execPath}" "${ROOT}/dist/cli/main.js" "$@"\n`,
    { mode: 0o755 },
  );
});
afterEach(() => rm(folder, { recursive: true }));

test("only shell blocks are marked as runnable", () => {
  expect(runnable.filter(({ language }) => language !== "sh")).toEqual([]);
});

test.for(runnable.map((example) => [example.place, example] as const))(
  "%s runs",
  async ([, { code, output }]) => {
    const { stdout, stderr } = await promisify(execFile)(
      "sh",
      ["-e", "-c", code],
      {
        cwd: folder,
        env: {
          ...process.env,
          PATH: `${folder}${delimiter}${process.env["PATH"] ?? ""}`,
        },
      },
    );
    expect(stderr).toBe("");
    if (output !== undefined) expect(stdout).toBe(output);
  },
);
