import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import {
  instructSettings,
  instructSettingsSchema,
} from "../recipes/instruct.js";
import { recipeOptions, withRecipeOptions } from "./recipe-options.js";

const base = instructSettings({ accept: 7 });
const over = (values: Readonly<Record<string, unknown>>) =>
  withRecipeOptions(base, { set: [], ...values }, instructSettingsSchema);

describe("options made from a recipe", () => {
  it("are one for each key that is no group, with its form and range", () => {
    const options = recipeOptions(instructSettingsSchema);
    const groups = ["card", "endpoint", "examples", "sampling", "withoutRules"];
    expect(Object.keys(options).sort()).toEqual(
      [
        ...Object.keys(instructSettingsSchema.shape).filter(
          (key) => !groups.includes(key),
        ),
        "withoutRule",
      ].sort(),
    );
    expect(options["maxInstances"]).toMatchObject({
      kind: "number",
      integer: true,
      min: 1,
    });
    expect(options["maxInstances"]).not.toHaveProperty("max");
    expect(options["novelty"]).toEqual({
      kind: "number",
      placeholder: "F",
      min: 0,
      max: 1,
      description:
        "An instruction more similar than this to any earlier one is rejected; 0.7 when absent",
    });
    expect(options["language"]).toMatchObject({
      choices: ["en", "zh", "nursery"],
    });
    expect(options["seeds"]).toMatchObject({
      kind: "text",
      placeholder: "FILE",
    });
    expect(options["nearest"]).toMatchObject({ kind: "flag" });
  });

  it("win over the recipe, and what was not given leaves it as it is", () => {
    expect(over({ nearest: false, withoutRule: [] })).toEqual(base);
    expect(
      over({
        maxInstances: 2,
        nearest: true,
        withoutRule: ["too-short"],
        seeds: "a.jsonl",
      }),
    ).toEqual({
      ...base,
      maxInstances: 2,
      nearest: true,
      withoutRules: ["too-short"],
      seeds: resolve("a.jsonl"),
    });
  });

  it("reach into groups by the place of a key", () => {
    const settings = over({
      set: [
        "examples.seed=8",
        "sampling={instructions: {temperature: 1, maxTokens: 9}, classification: {temperature: 0, maxTokens: 3}, instances: {temperature: 0, maxTokens: 99}}",
      ],
    });
    expect(settings.examples).toEqual({
      seed: 8,
      machine: base.examples.machine,
    });
    expect(settings.sampling?.instructions).toMatchObject({
      temperature: 1,
      topP: 1,
    });
  });

  it.each([
    [["examples"], /--set expects a key and a value, got "examples"/],
    [
      ["examples.sed=8"],
      /Unknown key "examples.sed".*Did you mean "examples.seed"/,
    ],
    [["accept=none"], /"accept" expects a number, got the text "none"/],
    [["name=../../x"], /"name": It names a folder/],
  ])("refuse what a recipe could not say: %j", (set, message) => {
    expect(() => over({ set })).toThrow(message);
  });
});
