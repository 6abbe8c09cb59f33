/**
 * @file What recipes of tests and benchmarks are made of: files of the nursery's seeds,
 * cut down, and a recipe with some of its keys changed.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const ROOT = new URL("../..", import.meta.url).pathname;

/** Of the loop, by key of `data`: a file of the nursery's seeds and its rows. */
export const LOOP_FILES = {
  ift: ["ift", 32],
  eft: ["eft", 64],
  heldOut: ["held-out", 24],
  judgeFixed: ["judge-fixed", 16],
  judgeTest: ["judge-test", 6],
} as const;

/**
 * Writes the first rows of files of the nursery's seeds into `folder`.
 * @param keep which lines count
 * @returns the names of the files by their keys
 */
export function cutSeeds(
  folder: string,
  files: Readonly<Record<string, readonly [name: string, rows: number]>>,
  keep: (line: string) => boolean = () => true,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([key, [name, rows]]) => {
      const lines = readFileSync(
        join(ROOT, "nursery", "seeds", `${name}.jsonl`),
        "utf8",
      )
        .split("\n")
        .filter((line) => line !== "" && keep(line));
      const cut = lines.slice(0, rows);
      writeFileSync(join(folder, `${name}.jsonl`), `${cut.join("\n")}\n`);
      return [key, `${name}.jsonl`];
    }),
  );
}

/** Changes of a recipe by key; a nested object changes keys within. */
export interface Changes {
  readonly [key: string]: unknown;
}

export function changed(recipe: Changes, changes: Changes): Changes {
  const isMap = (value: unknown): value is Changes =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  return Object.entries(changes).reduce<Changes>((result, [key, value]) => {
    const old = result[key];
    const next = isMap(old) && isMap(value) ? changed(old, value) : value;
    return { ...result, [key]: next };
  }, recipe);
}
