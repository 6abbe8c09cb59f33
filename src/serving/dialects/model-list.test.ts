import { describe, expect, it } from "vitest";
import { listModels, sameModel } from "./model-list.js";

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

describe("sameModel", () => {
  it("knows the names that servers have for one model", () => {
    expect(sameModel("llama3.2:latest", "llama3.2")).toBe(true);
    expect(sameModel("models/gemini-x", "gemini-x")).toBe(true);
    expect(sameModel("llama3.2:1b", "llama3.2")).toBe(false);
    expect(sameModel("other", "m")).toBe(false);
  });
});
