/**
 * @file Imports point downward, along the table in rules.ts.
 */
import { describe, expect, test } from "vitest";
import { MAY_IMPORT, PACKAGE_OWNERS } from "./rules.js";
import { folderOf, isTest, packageOf, sourceFiles } from "./source-files.js";

const files = sourceFiles("src").filter(({ path }) => !isTest(path));
const folders = [...new Set(files.map(({ path }) => folderOf(path)))];

test("every folder of src has a row in the rule table", () => {
  expect(folders.filter((folder) => !(folder in MAY_IMPORT))).toEqual([]);
});

test("the rule table itself has no circle", () => {
  const below = new Map<string, boolean>();
  const circles: string[] = [];
  const visit = (folder: string): void => {
    if (below.get(folder) === true) circles.push(folder);
    if (below.has(folder)) return;
    below.set(folder, true);
    for (const next of MAY_IMPORT[folder] ?? []) visit(next);
    below.set(folder, false);
  };
  Object.keys(MAY_IMPORT).forEach(visit);
  expect(circles).toEqual([]);
});

describe.each(folders)("src/%s", (folder) => {
  test("imports only the folders it may", () => {
    const allowed = new Set([
      folder,
      "foundation",
      ...(MAY_IMPORT[folder] ?? []),
    ]);
    const forbidden = files
      .filter(({ path }) => folderOf(path) === folder)
      .flatMap(({ path, imports }) =>
        imports.flatMap(({ file }) =>
          file === undefined || allowed.has(folderOf(file))
            ? []
            : [`${path} imports ${file}`],
        ),
      );
    expect(forbidden).toEqual([]);
  });
});

test("a package with an owner is imported nowhere else", () => {
  const strays = files.flatMap(({ path, imports }) =>
    imports.flatMap(({ specifier }) => {
      const owners = PACKAGE_OWNERS[packageOf(specifier)];
      return owners === undefined || owners.includes(folderOf(path))
        ? []
        : [`${path} imports ${specifier}`];
    }),
  );
  expect(strays).toEqual([]);
});

test("no source file imports a test, a script or anything outside src", () => {
  const strays = files.flatMap(({ path, imports }) =>
    imports.flatMap(({ file }) =>
      file === undefined || (file.startsWith("src/") && !isTest(file))
        ? []
        : [`${path} imports ${file}`],
    ),
  );
  expect(strays).toEqual([]);
});

test("modules do not import each other in a circle, types aside", () => {
  const graph = new Map(
    files.map(({ path, imports }) => [
      path,
      imports.flatMap(({ file, typeOnly }) =>
        file === undefined || typeOnly ? [] : [file],
      ),
    ]),
  );
  const state = new Map<string, "open" | "done">();
  const circles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === "open") {
      circles.push([...trail.slice(trail.indexOf(path)), path].join(" → "));
    }
    if (state.has(path)) return;
    state.set(path, "open");
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    state.set(path, "done");
  };
  for (const path of graph.keys()) visit(path, []);
  expect(circles).toEqual([]);
});
