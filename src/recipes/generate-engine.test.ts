import { describe, expect, it } from "vitest";
import { parseRecipe } from "./load-recipe.js";
import { selfRewardingSchema, stackedRank } from "./self-rewarding.js";

const DATA = `base: m
name: a
data: { ift: i, eft: e, heldOut: h, judgeFixed: f, judgeTest: t }
`;

function generateOf(text: string): unknown {
  const recipe = parseRecipe(
    `${DATA}engine: { generate: ${text} }`,
    "/r/recipe.yaml",
    selfRewardingSchema,
  );
  return recipe.engine.generate;
}

describe("engine.generate", () => {
  it("is not there where nobody said it, so that older runs go on", () => {
    const { engine } = parseRecipe(DATA, "/r/recipe.yaml", selfRewardingSchema);
    expect(engine).toEqual({ weights: "float32" });
  });

  it("fills in what a vLLM server needs", () => {
    expect(generateOf("{ kind: vllm, gpus: 8, instances: 2 }")).toEqual({
      kind: "vllm",
      launch: "local",
      python: "python3",
      gpus: 8,
      instances: 2,
      args: [],
      env: {},
    });
  });

  it("takes a launcher by its kind or with its options", () => {
    expect(generateOf("{ kind: vllm, launch: ray }")).toMatchObject({
      launch: "ray",
    });
    expect(
      generateOf("{ kind: vllm, launch: { kind: slurm, partition: a100 } }"),
    ).toMatchObject({ launch: { kind: "slurm", partition: "a100" } });
  });

  it("names a wrong key with its line and what was meant", () => {
    expect(() => generateOf("{ kind: vllm, maxModelLength: 9 }")).toThrow(
      '/r/recipe.yaml, line 4: Unknown key "engine.generate.maxModelLength"',
    );
    expect(() => generateOf("{ kind: vllm, maxModelLength: 9 }")).toThrow(
      "engine.generate.maxModelLen",
    );
  });

  it.each([
    "{ kind: served, endpoint: http://127.0.0.1:8000/v1 }",
    "{ kind: served }",
  ])("refuses %s, and says where such a model can be named", (served) => {
    expect(() => generateOf(served)).toThrow(
      /"engine.generate.kind" expects one of "embedded", "vllm", got the text "served"\. .*judge\.endpoint.*prompts\.endpoint/,
    );
  });

  it("says nothing of servers where another kind is meant", () => {
    expect(() => generateOf("{ kind: vlm }")).toThrow(
      /got the text "vlm"\. Did you mean "vllm"\?\n?$/,
    );
  });

  it.each([
    ["", false],
    ["preference: { lora: { rank: 8 } }", false],
    ["teaching: { lora: { keepAdapter: true } }", false],
    ["preference: { lora: { rank: 8, keepAdapter: true } }", true],
  ])("serves adapters where rounds leave some: %s", (keys, accepted) => {
    const recipe = () =>
      parseRecipe(
        `${DATA}engine: { generate: { kind: vllm, lora: adapter } }\n${keys}`,
        "/r/recipe.yaml",
        selfRewardingSchema,
      );
    if (accepted) expect(stackedRank({ ...recipe(), rounds: 3 })).toBe(24);
    else
      expect(recipe).toThrow(
        /line 4: "engine.generate.lora": .*keepAdapter: true/,
      );
  });

  it("refuses servers that do not share the GPUs evenly", () => {
    expect(() => generateOf("{ kind: vllm, gpus: 8, instances: 3 }")).toThrow(
      "engine.generate.instances",
    );
  });
});
