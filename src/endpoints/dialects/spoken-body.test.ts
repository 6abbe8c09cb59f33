import { describe, expect, it } from "vitest";
import { DIALECT_NAMES, dialectAt, dialectOfList } from "./dialect.js";
import { readErrorBody } from "./error-body.js";
import { SpokenBody } from "./spoken-body.js";

const meant = {
  model: "m",
  messages: [],
  max_tokens: 20,
  temperature: 0.7,
  top_p: 1,
  seed: 3,
};
const refusal = (error: object) => readErrorBody(JSON.stringify({ error }));

describe("a body as a server wants it", () => {
  it("is as it was meant for a server of no known dialect", () => {
    expect(new SpokenBody({ dialect: "generic" }).of(meant)).toEqual(meant);
  });

  it("has the names of the dialect, and nothing that it refuses or takes for granted", () => {
    expect(new SpokenBody({ dialect: "openai-reasoning" }).of(meant)).toEqual({
      model: "m",
      messages: [],
      max_completion_tokens: 20,
      seed: 3,
    });
    const plain = { model: "m", prompt: "x", max_tokens: 20, top_p: 1 };
    expect(new SpokenBody({ dialect: "openai" }).of(plain)).toEqual({
      model: "m",
      prompt: "x",
      max_tokens: 20,
    });
  });

  it("switches off a default of the server's that changes answers", () => {
    const vllm = new SpokenBody({ dialect: "vllm" });
    expect(vllm.of(meant)).toMatchObject({ top_k: -1 });
    expect(vllm.of({ ...meant, top_k: 4 })).toMatchObject({ top_k: 4 });
  });

  it("is spoken otherwise once the server is known, but for what the settings say", () => {
    const body = new SpokenBody({ dialect: "generic", omit: ["stop"] });
    body.speakAs("mistral");
    expect(body.dialect).toBe("mistral");
    expect(body.of({ ...meant, stop: ["x"] })).toEqual({
      model: "m",
      messages: [],
      max_tokens: 20,
      temperature: 0.7,
      top_p: 1,
    });
  });

  it("gives thoughts their own tokens, in the dialect's field", () => {
    const reasoning = { effort: "low", maxTokens: 500 } as const;
    const said = DIALECT_NAMES.map((dialect) =>
      new SpokenBody({ dialect, reasoning }).of(meant),
    );
    for (const body of said) {
      const maximum = body["max_tokens"] ?? body["max_completion_tokens"];
      expect(maximum).toBe(520);
      expect(Object.keys(body).length).toBeGreaterThan(3);
    }
    expect(
      new SpokenBody({ dialect: "vllm", reasoning: { effort: "none" } }).of(
        meant,
      ),
    ).toMatchObject({
      max_tokens: 20,
      chat_template_kwargs: { enable_thinking: false },
    });
  });

  it.each([
    {
      message:
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      param: "max_tokens",
      code: "unsupported_parameter",
    },
    {
      message:
        "`max_tokens` is not supported, use `max_completion_tokens` instead",
    },
  ])("learns another name for the maximum: $message", (error) => {
    const spoken = new SpokenBody({ dialect: "generic" });
    const sent = spoken.of(meant);
    expect(spoken.learn(refusal(error), sent)).toMatch(/calls the maximum/);
    // A request that was on its way meanwhile learns nothing new, and goes out anew.
    expect(spoken.learn(refusal(error), sent)).toBe("");
    expect(spoken.of(meant)).toMatchObject({ max_completion_tokens: 20 });
    expect(spoken.of(meant)).not.toHaveProperty("max_tokens");
  });

  it.each([
    {
      message:
        "Unsupported value: 'temperature' does not support 0.7 with this model.",
      param: "temperature",
      code: "unsupported_value",
    },
    { message: "Unrecognized request argument supplied: temperature" },
    { message: "temperature is not supported by this model" },
    { message: "invalid temperature: only 1 is allowed for this model" },
  ])("leaves out what is refused: $message", (error) => {
    const spoken = new SpokenBody({ dialect: "generic" });
    expect(spoken.learn(refusal(error), spoken.of(meant))).toMatch(
      /temperature/,
    );
    expect(spoken.of(meant)).not.toHaveProperty("temperature");
  });

  it.each([
    ["top_p", 1, "Input validation error: `top_p` must be > 0.0 and < 1.0"],
    ["top_p", 1, "top_p should be in the range (0, 1)"],
    ["n", 1, "Invalid 'n': integer below minimum value. Try 2 instead."],
    ["presence_penalty", 0, "`presence_penalty` must be greater than 0"],
  ])("leaves out %s where it is %s for: %s", (field, idle, message) => {
    const spoken = new SpokenBody({ dialect: "generic" });
    const sent = spoken.of({ ...meant, [field]: idle });
    expect(spoken.learn(refusal({ message }), sent)).toMatch(field);
    expect(spoken.learn(refusal({ message }), sent)).toBe("");
    expect(spoken.of(sent)).not.toHaveProperty(field);
    expect(spoken.of({ ...sent, [field]: 0.5 })).toHaveProperty(field, 0.5);
  });

  it.each([
    {
      message:
        "Invalid 'max_tokens': integer above maximum value. Expected a value <= 8, but got 20 instead.",
      param: "max_tokens",
    },
    {
      message:
        "Invalid 'temperature': decimal above maximum value. Expected a value <= 0.5, but got 0.7 instead.",
      param: "temperature",
    },
    { message: "temperature must be between 0 and 2", param: "temperature" },
    { message: "Unsupported parameter: 'min_p'", param: "min_p" },
    { message: "This model is not supported: 'model'", param: "model" },
    { message: "the prompt is too long" },
  ])("learns nothing from $message", (error) => {
    const spoken = new SpokenBody({
      dialect: "generic",
      extraBody: { min_p: 1 },
    });
    const sent = spoken.of({ ...meant, min_p: 1 });
    expect(spoken.learn(refusal(error), sent)).toBeUndefined();
    expect(spoken.of({ ...meant, min_p: 1 })).toEqual(sent);
  });
});

describe("the dialect", () => {
  it.each([
    ["https://api.openai.com/v1", "gpt-4o", "openai"],
    ["https://api.openai.com/v1", "o3-mini", "openai-reasoning"],
    [
      "https://x.openai.azure.com/openai/deployments/d?api-version=1",
      "m",
      "azure",
    ],
    ["http://127.0.0.1:1/openai/deployments/d?a=1&api-version=1", "m", "azure"],
    ["https://openrouter.ai/api/v1", "m", "openrouter"],
    ["https://notopenrouter.ai/v1", "m", "generic"],
    ["http://127.0.0.1:8000/v1", "m", "generic"],
  ])("of %s with %s is %s", (address, model, dialect) => {
    expect(dialectAt(new URL(address), model)).toBe(dialect);
  });

  it("of a list is its owner's, where all lines agree", () => {
    expect(dialectOfList([{ id: "a", ownedBy: "vllm" }])).toBe("vllm");
    expect(dialectOfList([{ id: "a", ownedBy: "library" }])).toBe("ollama");
    expect(
      dialectOfList([
        { id: "a", ownedBy: "vllm" },
        { id: "b", ownedBy: "me" },
      ]),
    ).toBeUndefined();
  });
});
