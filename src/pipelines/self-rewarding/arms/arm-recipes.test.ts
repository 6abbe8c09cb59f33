import { describe, expect, test } from "vitest";
import { loadRecipe, parseRecipe } from "../../../recipes/load-recipe.js";
import { selfRewardingSchema } from "../../../recipes/self-rewarding.js";
import { isComparison, plannedArms, withSeed } from "./arm-recipes.js";

const DATA = ["ift", "eft", "heldOut", "judgeFixed", "judgeTest"]
  .map((key) => `  ${key}: ${key}.jsonl`)
  .join("\n");

const recipeWith = (more: string) =>
  parseRecipe(
    `name: x\nbase: owner/name\ndata:\n${DATA}\n${more}`,
    "/recipes/r.yaml",
    selfRewardingSchema,
  );

test("seeds without arms are runs of one arm that is called as the recipe", () => {
  const recipe = recipeWith("seeds: [1, 2]");
  expect(isComparison(recipe)).toBe(true);
  expect(isComparison(recipeWith("seed: 2"))).toBe(false);
  const [only, ...others] = plannedArms(recipe);
  expect(others).toEqual([]);
  expect(only?.name).toBe("x");
  expect(only?.runs.map(({ folder, recipe }) => [folder, recipe])).toEqual([
    ["seed-1", { ...recipe, seed: 1, seeds: [] }],
    ["seed-2", { ...recipe, seed: 2, seeds: [] }],
  ]);
});

test("a seed from outside takes the place of every list of seeds", () => {
  const recipe = recipeWith(
    "seeds: [1, 2]\narms: [{ name: a }, { name: b, seeds: [3] }]",
  );
  expect(
    plannedArms(withSeed(recipe, 7)).map(({ runs }) =>
      runs.map(({ folder }) => folder),
    ),
  ).toEqual([["a-seed-7"], ["b-seed-7"]]);
  expect(isComparison(withSeed(recipeWith("seeds: [1, 2]"), 7))).toBe(false);
});

describe("what an arm says over its recipe", () => {
  const recipe = recipeWith(`teaching: { lora: { alpha: 64 } }
preference: { beta: 0.3, nllWeight: 0.2 }
arms:
  - { name: plain }
  - { name: ipo, preference: { loss: ipo, beta: 0.5 } }
  - { name: cold, judge: { temperature: 0 }, pairs: { minMargin: 2 } }
  - { name: longer, teaching: { epochs: 4, lora: { rank: 4 } } }
  - { name: other-rows, data: { ift: other.jsonl } }
  - { name: reworded, judge: { template: "{prompt} {response}" } }`);
  const runOf = (name: string) => {
    const run = plannedArms(recipe).find((arm) => arm.name === name)?.runs[0];
    if (run === undefined) throw new Error(`no arm ${name}`);
    return run;
  };

  test("changes those keys and nothing else", () => {
    const plain = runOf("plain").recipe;
    expect(plain).toEqual({ ...recipe, name: "x-plain", arms: [] });
    expect(runOf("ipo").recipe).toEqual({
      ...plain,
      name: "x-ipo",
      preference: { ...plain.preference, loss: "ipo", beta: 0.5 },
    });
    expect(runOf("cold").recipe).toEqual({
      ...plain,
      name: "x-cold",
      judge: { ...plain.judge, temperature: 0 },
      pairs: { ...plain.pairs, minMargin: 2 },
    });
    expect(runOf("longer").recipe.teaching).toEqual({
      ...plain.teaching,
      epochs: 4,
      lora: { ...plain.teaching.lora, rank: 4 },
    });
    expect(runOf("other-rows").recipe.data.ift).toBe("/recipes/other.jsonl");
  });

  test("gives an arm an M1 of its own when M1 depends on it", () => {
    const shared = plannedArms(recipe).map(({ name, runs }) => [
      name,
      runs[0]?.sharesM1,
    ]);
    expect(Object.fromEntries(shared)).toEqual({
      plain: true,
      ipo: true,
      cold: true,
      longer: false,
      "other-rows": false,
      reworded: false,
    });
  });

  test("may be a whole group where the recipe has none", () => {
    const [arm] = plannedArms(
      recipeWith("arms: [{ name: a, preference: { lora: { rank: 4 } } }]"),
    );
    expect(arm?.runs[0]?.recipe.preference.lora).toMatchObject({
      rank: 4,
      alpha: 32,
    });
  });

  test("is checked as the recipe is", () => {
    expect(() => recipeWith("arms: [{ name: a, loss: ipo }]")).toThrow(
      'Did you mean "arms[0].preference.loss"?',
    );
    expect(() =>
      recipeWith("arms: [{ name: a, preference: { loss: no } }]"),
    ).toThrow('"arms[0].preference.loss" expects one of "sigmoid", "ipo"');
    expect(() => recipeWith("arms: [{ name: a, data: { iftt: x } }]")).toThrow(
      'Unknown key "arms[0].data.iftt". Did you mean "arms[0].data.ift"?',
    );
  });
});

test("the arms of the nursery are recorded byte for byte as they were", async () => {
  const recipe = await loadRecipe(
    new URL("../../../../recipes/nursery-arms.yaml", import.meta.url).pathname,
    selfRewardingSchema,
  );
  for (const arm of recipe.arms) {
    const runs = plannedArms(recipe).find(
      ({ name }) => name === arm.name,
    )?.runs;
    expect(runs?.length).toBe((arm.seeds ?? recipe.seeds).length);
    for (const { recipe: own, sharesM1 } of runs ?? []) {
      expect(sharesM1).toBe(true);
      // As runs of this recipe were recorded before arms could change more.
      const before = {
        ...recipe,
        name: `${recipe.name}-${arm.name}`,
        seed: own.seed,
        judge: { ...recipe.judge, source: arm.source ?? recipe.judge.source },
        preference: {
          ...recipe.preference,
          mode: arm.mode ?? recipe.preference.mode,
          learningRate: arm.learningRate ?? recipe.preference.learningRate,
        },
        arms: [],
        seeds: [],
      };
      expect(JSON.stringify(own)).toBe(JSON.stringify(before));
    }
  }
});
