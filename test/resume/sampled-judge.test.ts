/**
 * @file Where the base's tokenizer has no token for each score, judgements are sampled,
 * and the run says so; where it changes nothing, it says nothing.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { runRecipe } from "./run-recipe.js";
import { writeTinyRecipe } from "./tiny-run.js";

const workspace = mkdtempSync(join(tmpdir(), "autodidact-sampled-judge-"));
afterAll(() => {
  rmSync(workspace, { recursive: true, force: true });
});

interface Recipe {
  readonly judge: object;
  readonly data: object;
}

/** The nursery's words lie between spaces: “:5” is none of them, “5” is one. */
const [WEIGHED, UNWEIGHED] = ["score : {score}", "score :{score}"];

test.each([
  ["becomes one", { answer: UNWEIGHED }, "samples", true],
  ["was one", { answer: UNWEIGHED, reward: "samples" }, "samples", false],
  [
    "loses its second try",
    { answer: UNWEIGHED, reward: "samples", secondTry: true },
    ...(["samples", true] as const),
  ],
  ["need not be one", { answer: WEIGHED, secondTry: false }, "expected", false],
] as const)("a judge that %s", (name, judge, reward, warned) => {
  const tiny = parse(
    readFileSync(writeTinyRecipe(workspace), "utf8"),
  ) as Recipe;
  const path = join(workspace, `${name}.yaml`);
  const recipe = {
    ...tiny,
    data: { ...tiny.data, heldOutRows: 2 },
    judge: { ...tiny.judge, ...judge },
  };
  writeFileSync(path, stringify(recipe));
  const folder = join(workspace, name);
  // The base is measured, and nothing is trained.
  const { stderr } = runRecipe(path, folder, { crashAt: "evaluation-written" });
  const said = stderr
    .replaceAll(/\s+/gu, " ")
    .includes("cannot be read; judgements are sampled instead");
  expect(said, stderr).toBe(warned);
  const resolved = parse(readFileSync(join(folder, "recipe.yaml"), "utf8")) as {
    readonly judge: { readonly reward: string };
  };
  expect(resolved.judge.reward).toBe(reward);
});
