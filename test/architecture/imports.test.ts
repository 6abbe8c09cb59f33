/**
 * @file Imports point downward, along the table in rules.ts, which grants nothing else.
 */
import { expect, test } from "vitest";
import { PACKAGE_OWNERS, ROOMS, SHARED_PIPELINES } from "./rules.js";
import { isTest, packageOf, roomOf, sourceFiles } from "./source-files.js";

const files = sourceFiles("src").filter(({ path }) => !isTest(path));
const rooms = Object.keys(ROOMS);

/** "room → room" of the table. */
const granted = Object.entries(ROOMS).flatMap(([room, { imports }]) =>
  imports.split(/\s+/).flatMap((to) => (to === "" ? [] : [`${room} → ${to}`])),
);

/** "room → room" of the files, with one file that does it. */
const used = new Map(
  files.flatMap(({ path, imports }) =>
    imports.flatMap(({ file }): [string, string][] => {
      const [from, to] = [roomOf(path), roomOf(file ?? path)];
      return to === from || to === "foundation"
        ? []
        : [[`${from} → ${to}`, path]];
    }),
  ),
);

test("the rooms of the table are the folders of src", () => {
  expect([...new Set(files.map(({ path }) => roomOf(path)))].sort()).toEqual(
    [...rooms].sort(),
  );
});

test("every arrow of the table points down", () => {
  const height = new Map(rooms.map((room, index) => [room, index]));
  const wrong = granted.filter((arrow) => {
    const [from = "", to = ""] = arrow.split(" → ");
    return (height.get(to) ?? Infinity) >= (height.get(from) ?? -1);
  });
  expect(wrong).toEqual([]);
});

test("every import goes along an arrow of the table", () => {
  const allowed = new Set(granted);
  const strays = [...used].filter(([arrow]) => !allowed.has(arrow));
  expect(strays.map(([arrow, path]) => `${arrow}: ${path}`)).toEqual([]);
});

test("every arrow of the table is used", () => {
  expect(granted.filter((arrow) => !used.has(arrow))).toEqual([]);
});

test("no pipeline imports another; two rooms are shared, and import no program", () => {
  const shared = new Set(SHARED_PIPELINES);
  const between = [...granted, ...used.keys()].filter((arrow) => {
    const [from = "", to = ""] = arrow.split(" → ");
    return (
      from.startsWith("pipelines/") &&
      to.startsWith("pipelines/") &&
      !shared.has(to)
    );
  });
  expect(between).toEqual([]);
});

test("a package is imported by its owners, and by all of them", () => {
  const importers = new Map<string, Set<string>>();
  for (const { path, imports } of files) {
    for (const { specifier } of imports) {
      const name = packageOf(specifier);
      if (!(name in PACKAGE_OWNERS)) continue;
      importers.set(name, (importers.get(name) ?? new Set()).add(roomOf(path)));
    }
  }
  expect(
    Object.fromEntries(
      [...importers].map(([name, owners]) => [name, [...owners].sort()]),
    ),
  ).toEqual(PACKAGE_OWNERS);
});

test("ONNX Runtime is loaded in one place, which keeps it from reporting", () => {
  const importers = files.filter(({ imports }) =>
    imports.some(({ specifier }) => specifier === "onnxruntime-node"),
  );
  expect(importers.map(({ path }) => path)).toEqual([
    "src/engine/runtime/onnx-runtime.ts",
  ]);
  expect(importers[0]?.imports[0]?.file).toBe(
    "src/engine/runtime/no-telemetry.ts",
  );
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

test("no files import each other in a circle, not even for types", () => {
  expect(circles()).toEqual([]);
});

/** Groups of files each of which reaches all others of its group (Tarjan). */
function circles(): string[][] {
  const graph = new Map(
    files.map(({ path, imports }) => [
      path,
      imports.flatMap(({ file }) => (file === undefined ? [] : [file])),
    ]),
  );
  const order = new Map<string, number>();
  const open: string[] = [];
  const groups: string[][] = [];
  const visit = (path: string): number => {
    const index = order.size;
    order.set(path, index);
    open.push(path);
    let low = index;
    for (const next of graph.get(path) ?? []) {
      if (!order.has(next)) low = Math.min(low, visit(next));
      else if (open.includes(next)) low = Math.min(low, order.get(next) ?? low);
    }
    if (low === index) {
      const group = open.splice(open.indexOf(path)).sort();
      if (group.length > 1) groups.push(group);
    }
    return low;
  };
  for (const path of graph.keys()) if (!order.has(path)) visit(path);
  return groups.sort();
}
