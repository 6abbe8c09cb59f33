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
    expect(listModels(body)?.models).toEqual([
      { id: "plain" },
      { id: "vllm", contextLength: 4096 },
      { id: "router", contextLength: 8192 },
      { id: "llama.cpp", contextLength: 2048 },
      { id: "odd" },
    ]);
  });

  it.each([
    ['[{"id":"a/b","context_length":8}]', [{ id: "a/b", contextLength: 8 }]],
    ['["a","b"]', [{ id: "a" }, { id: "b" }]],
    ['{"object":"list","data":null}', []],
    ['{"object":"list","data":[]}', []],
    [
      '{"models":[{"name":"x","model":"x:latest"}]}',
      [{ id: "x:latest", aliases: ["x"] }],
    ],
    [
      '{"data":[{"id":"m-2411","aliases":["m-large","m-latest",3]}]}',
      [{ id: "m-2411", aliases: ["m-large", "m-latest"] }],
    ],
    ['{"data":[{"id":"m","owned_by":"vllm"}]}', [{ id: "m", ownedBy: "vllm" }]],
    ['{"data":[{"name":"m","id":""}]}', [{ id: "m" }]],
    ['{"data":["m"]}', [{ id: "m" }]],
    ['{"data":[{"model_name":"m","model_info":{}}]}', [{ id: "m" }]],
    ['{"models":[{"key":"m","type":"llm"}]}', [{ id: "m" }]],
    [
      '{"models":[{"name":"models/gemini-x","inputTokenLimit":1048576}]}',
      [{ id: "models/gemini-x", contextLength: 1_048_576 }],
    ],
    [
      '{"data":{"m":{"max_model_len":8},"n":{"id":"org/n"}}}',
      [{ id: "m", contextLength: 8 }, { id: "org/n" }],
    ],
    ['{"data":{"models":[{"id":"m"}]}}', [{ id: "m" }]],
    ['{"data":{"data":[{"id":"m"}]}}', [{ id: "m" }]],
    ['{"success":true,"result":[{"name":"@cf/m"}]}', [{ id: "@cf/m" }]],
    ['{"result":{"models":[{"id":"m"}]}}', [{ id: "m" }]],
    ['{"data":"none","models":["m"]}', [{ id: "m" }]],
  ])("reads the list %s", (body, models) => {
    expect(listModels(body)).toEqual({ models, isOpen: false });
  });

  it.each([
    '{"data":[{"id":"m"},{"object":"model"}]}',
    '{"data":[null,{"id":"m"},7,{"id":3}]}',
    '{"data":[{"id":"m"}],"has_more":true,"last_id":"m"}',
    '{"models":[{"name":"m"}],"nextPageToken":"abc"}',
  ])("reads what it can of %s, and that there may be more", (body) => {
    expect(listModels(body)).toEqual({ models: [{ id: "m" }], isOpen: true });
  });

  it.each([
    "<html>",
    "{}",
    '{"data": [{"n": 1}]}',
    '{"data": {"object": "list"}}',
    '{"id": "m", "object": "model"}',
    '{"error": {"message": "no"}}',
    "null",
    "3",
  ])("does not take %s for a list", (body) => {
    expect(listModels(body)).toBeUndefined();
  });
});

describe("modelNamed", () => {
  it.each([
    ["llama3.2", "llama3.2:latest"],
    ["gemini-x", "models/gemini-x"],
    ["llama3.2:1b", "llama3.2:1b"],
    ["LLaMA3.2", "llama3.2:latest"],
    ["m-large", "m-2411"],
    ["other", undefined],
  ])("finds %s under the name %s that the server has for it", (name, id) => {
    const models = [
      { id: "llama3.2:latest" },
      { id: "llama3.2:1b" },
      { id: "models/gemini-x" },
      { id: "m-2411", aliases: ["m-large"] },
    ];
    expect(modelNamed(models, name)?.id).toBe(id);
  });
});
