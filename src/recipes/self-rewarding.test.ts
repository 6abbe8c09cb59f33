/**
 * @file The recipes that come along are recipes, and LoRA's keys mean what TRL's do.
 */
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadRecipe, parseRecipe } from "./load-recipe.js";
import { selfRewardingSchema } from "./self-rewarding.js";

const RECIPES = new URL("../../recipes", import.meta.url).pathname;

test.each([
  "nursery",
  "nursery-arms",
  "nursery-weak-judge",
  "local-checkpoint",
  "local-checkpoint-quick",
  "self-rewarding-70b",
])("%s loads under its own name", async (name) => {
  const path = join(RECIPES, `${name}.yaml`);
  const recipe = await loadRecipe(path, selfRewardingSchema);
  expect(`${recipe.name}.yaml`).toBe(basename(path));
});

describe("LoRA", () => {
  const FILES = ["ift", "eft", "heldOut", "judgeFixed", "judgeTest"];
  const data = FILES.map((key) => `  ${key}: ${key}.jsonl`).join("\n");
  const parse = (more: string) =>
    parseRecipe(
      `name: x\nbase: owner/name\ndata:\n${data}\n${more}`,
      "r.yaml",
      selfRewardingSchema,
    );

  test("is off unless a recipe asks for it", () => {
    const { teaching, preference } = parse("");
    expect([teaching.lora, preference.lora]).toEqual([null, null]);
  });

  test("has TRL's rank and alpha and adapts every linear layer unless a recipe says otherwise", () => {
    expect(parse("preference: { lora: {} }").preference.lora).toMatchObject({
      rank: 16,
      alpha: 32,
      targets: null,
      keepAdapter: false,
      base: "float32",
    });
    expect(
      parse("teaching: { lora: { rank: 4, targets: [q_proj] } }").teaching.lora,
    ).toMatchObject({ rank: 4, alpha: 32, targets: ["q_proj"] });
  });

  test("a plain prompt without its slot is refused", () => {
    expect(() => parse('plainPrompt: "Answer:"')).toThrow(
      /"plainPrompt": it needs the slot \{prompt\}\./,
    );
  });
});
