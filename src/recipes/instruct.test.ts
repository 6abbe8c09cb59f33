import { expect, test } from "vitest";
import { loadRecipe } from "./load-recipe.js";
import { instructSettings, instructSettingsSchema } from "./instruct.js";

test("the recipe of the paper is what happens without one", async () => {
  const recipe = await loadRecipe(
    "recipes/instruct/paper.yaml",
    instructSettingsSchema,
  );
  expect(recipe).toEqual(instructSettings({}));
});
