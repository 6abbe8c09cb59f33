import { describe, expect, it } from "vitest";
import { listModels } from "./model-list.js";

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

  it.each(["<html>", "{}", '{"data": [{"name": "x"}]}', "null"])(
    "does not take %s for a list",
    (body) => {
      expect(listModels(body)).toBeUndefined();
    },
  );
});
