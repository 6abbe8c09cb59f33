import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { loadRecipe } from "../recipes/load-recipe.js";
import { requireRecipeFiles } from "../recipes/recipe-paths.js";
import { selfRewardingSchema } from "../recipes/self-rewarding.js";
import { recipeFile } from "./bundled-recipe.js";

const RECIPES = new URL("../../recipes", import.meta.url).pathname;

test("a bare name is a bundled recipe, anything else a path", () => {
  expect(recipeFile("nursery-weak-judge", RECIPES)).toBe(
    join(RECIPES, "nursery-weak-judge.yaml"),
  );
  expect(recipeFile("paper", join(RECIPES, "instruct"))).toBe(
    join(RECIPES, "instruct", "paper.yaml"),
  );
  expect(recipeFile("mine.yaml", RECIPES)).toBe(resolve("mine.yaml"));
  expect(() => recipeFile("nursery-weak-juge", RECIPES)).toThrow(
    'Did you mean "nursery-weak-judge"?',
  );
});

test("a copied recipe is told which paths broke and why", async () => {
  const path = join(RECIPES, "nursery.yaml");
  const value = await loadRecipe(path, selfRewardingSchema);
  const check = (recipe: typeof value) => () => {
    requireRecipeFiles(path, { value: recipe, schema: selfRewardingSchema });
  };
  expect(check(value)).not.toThrow();
  expect(
    check({ ...value, data: { ...value.data, eft: "/nowhere/eft.jsonl" } }),
  ).toThrow(
    `"data.eft" names /nowhere/eft.jsonl, which does not exist. Paths in a recipe are relative to the recipe's own folder (${RECIPES})`,
  );
});
