/**
 * @file The programs of examples/ run as they stand, with small recipes and a server
 * on loopback, over the published entry points of this build.
 */
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ROOT, runNode } from "../cli/program.js";
import { recordedServer } from "../instruct/recorded-server.js";
import { writeTinyRecipe } from "../resume/tiny-run.js";
import { writeTinySelfInstruct } from "../resume/tiny-self-instruct.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "programs-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Runs an example; what it printed. */
async function run(name: string, ...args: string[]): Promise<string> {
  const program = join("examples", `${name}.ts`);
  const { code, stdout, stderr } = await runNode([
    ...["--import", "tsx", program],
    ...args,
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout;
}

test("the self-rewarding loop", async () => {
  const out = join(folder, "run");
  const recipe = writeTinyRecipe(folder);
  const text = readFileSync(recipe, "utf8");
  writeFileSync(recipe, text.replace("rounds: 2", "rounds: 1"));
  const said = await run("self-rewarding", recipe, out);
  expect(said).toMatch(/^M0: right .*\nM1: right .*\nM2: right .*\n$/);
  expect(readdirSync(join(out, "models"))).toEqual(["M1", "M2"]);
});

test("Self-Instruct over an endpoint", async () => {
  const server = await recordedServer();
  const out = join(folder, "data");
  const said = await run("self-instruct", server.url, "m", out, "12").finally(
    () => server.close(),
  );
  expect(said).toBe(`12 instructions lie in ${out}/dataset\n`);
  expect(
    JSON.parse(readFileSync(join(out, "report.json"), "utf8")),
  ).toMatchObject({ accepted: 12 });
});

test("Self-Instruct with training", async () => {
  const recipe = writeTinySelfInstruct(folder);
  const out = join(folder, "run");
  const said = await run("self-instruct-training", recipe, out);
  expect(said).toMatch(/^M0: right .*\nM1: right /);
  expect(readdirSync(join(out, "models"))).toContain("M1");
});

test("a model that ranks its own answers", async () => {
  const said = await run("rank-answers");
  expect(said).toMatch(/^ *[0-9.–]+ {2}\S/);
});

test("each of them fits on a page", () => {
  const long = readdirSync(join(ROOT, "examples"))
    .filter((name) => name.startsWith("self-"))
    .filter(
      (name) =>
        readFileSync(join(ROOT, "examples", name), "utf8").split("\n").length >
        40,
    );
  expect(long).toEqual([]);
});
