/**
 * @file The Markdown pages of the repository as the documentation tests read them.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface Page {
  /** From the repository root. */
  readonly path: string;
  readonly text: string;
}

/** A fenced block. */
export interface Example {
  /** "README.md:12". */
  readonly place: string;
  /** First word after the fence: "sh", "text". */
  readonly language: string;
  /** The words after it: "runnable", "output". */
  readonly marks: readonly string[];
  readonly code: string;
}

/** The pages at the top and all below docs. */
export function pages(): Page[] {
  const top = readdirSync(ROOT).filter((name) => name.endsWith(".md"));
  const below = existsSync(join(ROOT, "docs"))
    ? readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".md"))
        .map((name) => `docs/${name.replaceAll("\\", "/")}`)
    : [];
  return [...top, ...below].sort().map((path) => ({
    path,
    text: readFileSync(join(ROOT, path), "utf8"),
  }));
}

/** The fenced blocks of a page, in order. */
export function examplesOf({ path, text }: Page): Example[] {
  const examples: Example[] = [];
  for (const match of text.matchAll(/^```(.*)\n([^]*?)^```$/gm)) {
    const [, info = "", code = ""] = match;
    const line = text.slice(0, match.index).split("\n").length;
    const [language = "", ...marks] = info.trim().split(/\s+/);
    examples.push({ place: `${path}:${line}`, language, marks, code });
  }
  return examples;
}

/** The page without its fenced blocks. */
export function proseOf({ text }: Page): string {
  return text.replace(/^```.*\n[^]*?^```$/gm, "");
}
