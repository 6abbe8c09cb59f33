/**
 * @file What a page or a comment points to exists: files, folders, headings, documents.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { describe, expect, test } from "vitest";
import { sourceFiles } from "../architecture/source-files.js";
import { pages, proseOf, ROOT } from "./pages.js";
import type { Page } from "./pages.js";

/** Inline code that begins like this and has no placeholder names a path. */
const QUOTED_PATH =
  /`((?:src|test|docs|scripts|bench|recipes|nursery|seeds|\.ci)\/[^`\s*<>{}…]*)`/g;

/** A design, issue or note by number: what a clone does not have. */
const ABSENT_DOCUMENT =
  /\bdesign(\.md)?,? (section|§) ?\d|\bdesign\.md\b|\bissue #?\d|\/work\/|shared\//gi;

describe.each(pages().map((page) => [page.path, page] as const))(
  "%s",
  (_path, page) => {
    test("links to files and headings that exist", () => {
      const broken = links(page).filter((link) => !resolves(page, link));
      expect(broken).toEqual([]);
    });

    test("quotes paths that exist", () => {
      const broken = [...proseOf(page).matchAll(QUOTED_PATH)]
        // "src/x.ts:12" and "src/x.ts#name" point into a file.
        .map(([, path = ""]) => path.replace(/[:#].*$/, ""))
        .filter((path) => !existsSync(join(ROOT, path)));
      expect(broken).toEqual([]);
    });
  },
);

test("code and pages cite no document that is not here", () => {
  const code = ["src", "test", "scripts", "bench"]
    .flatMap(sourceFiles)
    .filter(({ path }) => path !== "test/docs/paths.test.ts");
  const absent = [...code, ...pages()].flatMap(({ path, text }) =>
    [...text.matchAll(ABSENT_DOCUMENT)].map(([cited]) => `${path}: ${cited}`),
  );
  expect(absent).toEqual([]);
});

/** Targets of Markdown links that stay inside the repository. */
function links(page: Page): string[] {
  return [...proseOf(page).matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
}

function resolves(page: Page, link: string): boolean {
  const [file = "", heading] = link.split("#");
  const target = file === "" ? page.path : posix.join(dirname(page.path), file);
  if (!existsSync(join(ROOT, target))) return false;
  if (heading === undefined || !target.endsWith(".md")) return true;
  return headings(readFileSync(join(ROOT, target), "utf8")).includes(heading);
}

/** Anchors that GitHub gives to the headings of a page. */
function headings(text: string): string[] {
  return [...text.matchAll(/^#{1,6} +(.+)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replace(/[^\p{Letter}\p{Number} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
