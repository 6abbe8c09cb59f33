/**
 * @file What an `instruct` run writes down about itself: nothing of the machine, and on
 * its card what only its owner knows.
 */
import {
  copyFile,
  cp,
  mkdir,
  readFile,
  rename,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse } from "yaml";
import { openLedger } from "../../src/ledger/ledger.js";
import { instruct } from "./instruct-command.js";
import { recordedServer, type RecordedServer } from "./recorded-server.js";
import { testFolders } from "./run-folder.js";

const WORDS = ["--style", "completion", "--accept", "10", "--in-flight", "2"];
const folder = testFolders();

let server: RecordedServer;
let place: string;
const endpoint = (): readonly string[] => [
  ...["--endpoint", server.url, "--model", "lab/writer"],
  ...["--set", "endpoint.name=lab"],
];
const run = (name: string, ...more: readonly string[]) =>
  instruct(
    join(place, name, "run"),
    ...[...endpoint(), ...WORDS, "--seeds", join(place, name, "seeds.jsonl")],
    ...more,
  );
const recipeOf = (name: string) => {
  const path = join(place, name, "run", "ledger.db");
  const ledger = openLedger({ path, mode: "read" });
  try {
    return ledger.run()?.recipe;
  } finally {
    ledger.close();
  }
};
const cardOf = async (name: string) => {
  const text = await readFile(
    join(place, name, "run", "dataset", "README.md"),
    "utf8",
  );
  return {
    text,
    head: parse(text.split("---")[1] ?? "") as Readonly<
      Record<string, unknown>
    >,
  };
};

beforeAll(async () => {
  server = await recordedServer();
  place = await folder();
  await mkdir(join(place, "a"));
  await copyFile("seeds/en.jsonl", join(place, "a", "seeds.jsonl"));
  expect(await run("a")).toMatchObject({ code: 0 });
});
afterAll(() => server.close());

it("names its seeds from its own folder, in all that it leaves", async () => {
  expect(recipeOf("a")).toMatchObject({ seeds: "../seeds.jsonl" });
  for (const file of ["recipe.yaml", "report.json", "dataset/README.md"])
    expect(await readFile(join(place, "a/run", file), "utf8")).not.toContain(
      place,
    );
});

it("goes on where folder and seeds were moved, and not with other seeds", async () => {
  await cp(join(place, "a"), join(place, "b"), { recursive: true });
  const asked = server.answered.size;
  expect(await run("b")).toMatchObject({ code: 0 });
  expect(server.answered.size).toBe(asked);
  const seeds = join(place, "b", "seeds.jsonl");
  const text = await readFile(seeds, "utf8");
  await writeFile(seeds, text.split("\n").slice(1).join("\n"));
  const changed = await run("b");
  expect(changed.code).not.toBe(0);
  expect(changed.stderr).toContain(`The seed file ${seeds} has changed`);
});

it("is replayed from wherever it lies, with its own seeds", async () => {
  await cp(join(place, "a"), join(place, "c"), { recursive: true });
  const again = join(place, "again");
  const replay = ["--replay", join(place, "c", "run"), "--novelty", "0.5"];
  expect(await instruct(again, ...replay)).toMatchObject({ code: 0 });
  await rename(again, join(place, "moved"));
  expect((await instruct(join(place, "moved"), ...replay)).code).toBe(0);
  const twice = await instruct(
    join(place, "d"),
    "--replay",
    join(place, "moved"),
  );
  expect(twice.stderr).toContain(`made from, ${join(place, "c", "run")}.`);
});

it("has the licence on its card that its owner gives, then and later", async () => {
  expect((await cardOf("a")).head).toMatchObject({
    license: "unknown",
    base_model: "lab/writer",
  });
  const given = [
    ...["--set", "card.license=cc-by-4.0"],
    ...["--set", "card.baseModel=lab/base"],
  ];
  expect((await run("a", ...given)).code).toBe(0);
  const { head, text } = await cardOf("a");
  expect(head).toMatchObject({ license: "cc-by-4.0", base_model: "lab/base" });
  expect(text.split("---").slice(2).join()).not.toContain("license");
  const wrong = await run("a", "--set", "card.license=do: what");
  expect(wrong.stderr).toContain("card.license");
});
