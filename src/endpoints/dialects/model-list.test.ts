import { describe, expect, it } from "vitest";
import { listModels, modelNamed } from "./model-list.js";

describe("listModels", () => {
  it("reads names and context lengths as servers tell them", () => {
    const body = JSON.stringify({
      object: "list",
      data: [
        { id: "plain", object: "model" },
        { id: "vllm", max_model_len: 4096 },
        { id: "router", context_length: 8192, max_model_len: null },
        { id: "llama.cpp", meta: { n_ctx_train: 2048, n_params: 1 } },
        { id: "odd", max_model_len: "long", meta: 3 },
      ],
    });
    expect(listModels(body)).toEqual([
      { id: "plain" },
      { id: "vllm", contextLength: 4096 },
      { id: "router", contextLength: 8192 },
      { id: "llama.cpp", contextLength: 2048 },
      { id: "odd" },
    ]);
  });

  it.each([
    ['[{"id":"a/b","context_length":8}]', [{ id: "a/b", contextLength: 8 }]],
    ['{"object":"list","data":null}', []],
    ['{"models":[{"name":"x","model":"x:latest"}]}', [{ id: "x:latest" }]],
    ['{"data":[{"id":"m","owned_by":"vllm"}]}', [{ id: "m", ownedBy: "vllm" }]],
  ])("reads the list %s", (body, models) => {
    expect(listModels(body)).toEqual(models);
  });

  it.each(["<html>", "{}", '{"data": [{"name": "x"}]}', "null"])(
    "does not take %s for a list",
    (body) => {
      expect(listModels(body)).toBeUndefined();
    },
  );
});

describe("modelNamed", () => {
  it.each([
    ["llama3.2", "llama3.2:latest"],
    ["gemini-x", "models/gemini-x"],
    ["llama3.2:1b", "llama3.2:1b"],
    ["other", undefined],
  ])("finds %s under the name %s that the server has for it", (name, id) => {
    const models = [
      { id: "llama3.2:latest" },
      { id: "llama3.2:1b" },
      { id: "models/gemini-x" },
    ];
    expect(modelNamed(models, name)?.id).toBe(id);
  });
});
