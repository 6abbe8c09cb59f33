/**
 * @file Starting Self-Instruct runs in temporary folders, and reading what they left.
 */
import type { WithAuthor } from "../../src/pipelines/instruct/open-author.js";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import type { LanguageModel } from "../../src/generation/language-model.js";
import {
  authorOf,
  rememberingAuthor,
  type Author,
} from "../../src/pipelines/instruct-stages/author.js";
import { absentModel, withMemory } from "../../src/answers/with-memory.js";
import {
  runInstruct,
  type InstructOptions,
} from "../../src/pipelines/instruct/run-instruct.js";
import { instructSettings } from "../../src/recipes/instruct.js";

export const ENVIRONMENT = {
  packageVersion: "0.0.0",
  nodeVersion: "v20",
  onnxruntimeVersion: "0",
  machine: "a test",
  gitCommit: null,
};

export function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "instruct-"));
}

/** Makes temporary folders for the tests of one file, which are removed after them. */
export function testFolders(): () => Promise<string> {
  const folders: string[] = [];
  afterAll(async () => {
    for (const each of folders) await rm(each, { recursive: true });
  });
  return async () => {
    const made = await temporaryFolder();
    folders.push(made);
    return made;
  };
}

/** Opens `model` over the run's ledger, through `change` where something is to go wrong. */
export function opener(
  model: LanguageModel,
  change: (inner: Author) => Author = (inner) => inner,
): WithAuthor {
  const { signal } = new AbortController();
  const style = "completion";
  return ({ store, replayOf }, use) =>
    use(
      change(
        replayOf === undefined
          ? rememberingAuthor(model, { store, style, signal })
          : authorOf(withMemory(absentModel(model.identity), store), {
              style,
              signal,
            }),
      ),
    );
}

/** Options of a run with everything that tests do not care about filled in. */
export function runOptions(
  folder: string,
  withAuthor: WithAuthor,
  settings: Parameters<typeof instructSettings>[0] = {},
): InstructOptions {
  return {
    folder,
    settings: instructSettings(settings),
    withAuthor,
    environment: ENVIRONMENT,
    emit: () => undefined,
    signal: new AbortController().signal,
    now: () => 0,
  };
}

export { runInstruct };

/**
 * A card with the sums of what its stages took: the probe buys some answers that another
 * way to the same rows buys in a later stage.
 */
const withSummedEffort = (card: string): string =>
  card.replace(/(?<=^## What it took\n\n\|.*\n\|.*\n)(?:\|.*\n)+/mu, (table) =>
    table
      .trim()
      .split("\n")
      .map((row) => row.split("|").slice(2, -1))
      .map((cells) => cells.map((cell) => Number(cell.replace(/[^\d.]/gu, ""))))
      .reduce((sums, cells) => sums.map((sum, i) => sum + (cells[i] ?? 0)))
      .join(" | "),
  );

/** SHA-256 of every file of the data set, by name. */
export async function datasetHashes(
  folder: string,
): Promise<Readonly<Record<string, string>>> {
  const root = join(folder, "dataset");
  const names = (await readdir(root, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return Object.fromEntries(
    await Promise.all(
      names.map(async (name) => [
        name.slice(root.length + 1),
        createHash("sha256")
          .update(
            name.endsWith("README.md")
              ? withSummedEffort(await readFile(name, "utf8"))
              : await readFile(name),
          )
          .digest("hex"),
      ]),
    ),
  ) as Record<string, string>;
}

/** Rows of a JSON Lines file of the data set. */
export async function datasetRows<T>(
  folder: string,
  name: string,
): Promise<readonly T[]> {
  const text = await readFile(join(folder, "dataset", name), "utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as T);
}
