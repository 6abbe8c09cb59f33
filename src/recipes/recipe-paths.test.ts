import { expect, test } from "vitest";
import { z } from "zod";
import { recipeModel, recipePath } from "./schema-keys.js";
import { recipeOfRun } from "./recipe-paths.js";

const schema = z.strictObject({
  name: z.string(),
  base: recipeModel(),
  data: z.strictObject({ rows: recipePath(), more: recipePath().nullable() }),
});
const recipe = {
  name: "/not/a/path",
  base: "/home/a/models/m0",
  data: { rows: "/home/a/files/rows.jsonl", more: null },
};
const recordedBy = (folder: string, recorded?: unknown) =>
  recipeOfRun(recipe, { schema, folder, recorded });

test("a run records paths from its own folder, and models of the Hub as they are", () => {
  expect(recordedBy("/home/a/runs/one")).toEqual({
    name: "/not/a/path",
    base: "../../models/m0",
    data: { rows: "../../files/rows.jsonl", more: null },
  });
  const hub = { ...recipe, base: "owner/name@main" };
  expect(
    recipeOfRun(hub, { schema, folder: "/home/a", recorded: undefined }).base,
  ).toBe("owner/name@main");
});

test.each([
  ["absolute, by an older version", "/old/disk/models/m0", "/old/rows.jsonl"],
  ["from where the folder was", "../models/m0", "../../../rows.jsonl"],
])("a path recorded %s stays, wherever its file lies now", (_, base, rows) => {
  const recorded = { ...recipe, base, data: { rows, more: null } };
  expect(recordedBy("/elsewhere/deep/run", recorded)).toEqual(recorded);
});

test("a file of another name is another file, and one that was not named is told", () => {
  const recorded = {
    ...recipe,
    data: { rows: "../old.jsonl", more: "../more.jsonl" },
  };
  expect(recordedBy("/home/a/run", recorded).data).toEqual({
    rows: "../files/rows.jsonl",
    more: null,
  });
});
