import { describe, expect, it } from "vitest";
import { parseAnswer } from "../transport/answer.js";

/** As servers' own interfaces and gateways send it, the words and counts always the same. */
const SHAPES: Readonly<Record<string, unknown>> = {
  OpenAI: {
    choices: [{ message: { content: "Paris." }, finish_reason: "stop" }],
    usage: { prompt_tokens: 9, completion_tokens: 2 },
  },
  "a piece of a stream": {
    choices: [{ delta: { content: "Paris." }, finish_reason: "stop" }],
    usage: { prompt_tokens: 9, completion_tokens: 2 },
  },
  "text for a chat": {
    choices: [{ text: "Paris.", finish_reason: "stop" }],
    usage: { prompt_tokens: 9, completion_tokens: 2 },
  },
  "a wrapper": {
    code: 0,
    data: {
      choices: [{ message: { content: "Paris." }, finish_reason: "stop" }],
      usage: { prompt_tokens: 9, completion_tokens: 2 },
    },
  },
  DashScope: {
    output: {
      choices: [{ message: { content: "Paris." }, finish_reason: "stop" }],
    },
    usage: { input_tokens: 9, output_tokens: 2 },
  },
  "DashScope's text": {
    output: { text: "Paris.", finish_reason: "stop" },
    usage: { input_tokens: 9, output_tokens: 2 },
  },
  Anthropic: {
    type: "message",
    content: [
      { type: "thinking", thinking: "hm" },
      { type: "text", text: "Paris." },
    ],
    stop_reason: "end_turn",
    usage: { input_tokens: 9, output_tokens: 2 },
  },
  Gemini: {
    candidates: [
      { content: { parts: [{ text: "Paris." }] }, finishReason: "STOP" },
    ],
    usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 2 },
  },
  "Ollama's chat": {
    message: { role: "assistant", content: "Paris." },
    ...{ done: true, done_reason: "stop" },
    ...{ prompt_eval_count: 9, eval_count: 2 },
  },
  "Ollama's text, older": {
    ...{ response: "Paris.", done: true },
    ...{ prompt_eval_count: 9, eval_count: 2 },
  },
  Bedrock: {
    output: { message: { content: [{ text: "Paris." }] } },
    stopReason: "end_turn",
    usage: { input_tokens: 9, output_tokens: 2 },
  },
  Cohere: {
    message: { content: [{ type: "text", text: "Paris." }] },
    finish_reason: "COMPLETE",
    usage: { input_tokens: 9, output_tokens: 2 },
  },
  Cloudflare: {
    result: {
      response: "Paris.",
      usage: { prompt_tokens: 9, completion_tokens: 2 },
    },
    success: true,
  },
  "Mistral on Bedrock": {
    outputs: [{ text: "Paris.", stop_reason: "stop" }],
    usage: { prompt_tokens: 9, completion_tokens: 2 },
  },
  "a list of one": [
    {
      generated_text: "Paris.",
      details: { finish_reason: "eos_token" },
      usage: { prompt_tokens: 9, completion_tokens: 2 },
    },
  ],
};

describe("an answer", () => {
  it.each(Object.entries(SHAPES))("is read in the shape of %s", (_, shape) => {
    for (const kind of ["chat", "text"] as const)
      expect(parseAnswer(kind, JSON.stringify(shape))).toMatchObject({
        choices: [{ text: "Paris.", ending: "complete" }],
        usage: { promptTokens: 9, completionTokens: 2 },
      });
  });

  it("is without the thoughts that Gemini marks in its parts", () => {
    const parts = [{ text: "Hm. ", thought: true }, { text: "Paris" }];
    const body = { candidates: [{ content: { parts }, finishReason: "STOP" }] };
    expect(parseAnswer("chat", JSON.stringify(body))).toMatchObject({
      choices: [{ text: "Paris", ending: "complete" }],
    });
  });

  it.each([
    {
      candidates: [
        { content: { parts: [{ text: "Par" }] }, finishReason: "MAX_TOKENS" },
      ],
    },
    { content: [{ type: "text", text: "Par" }], stop_reason: "max_tokens" },
    { message: { content: "Par" }, done: true, done_reason: "length" },
    {
      output: { message: { content: [{ text: "Par" }] } },
      stopReason: "max_tokens",
    },
  ])("says in any shape that it was cut off: %j", (shape) => {
    expect(parseAnswer("chat", JSON.stringify(shape))).toMatchObject({
      choices: [{ text: "Par", ending: "cut" }],
    });
  });

  it.each([
    [
      '{"choices":[{"message":{"content":"Paris."},"score":-Infinity}],"x":NaN}',
    ],
    ['{"choices":[{"message":{"content":"Paris."},"a":"NaN","b":"x\ny\t"}]}'],
    ['\n  \n{"choices":{"0":{"message":{"content":"Paris."}}}}'],
    ['{"choices":[{"text":"Paris.","finish_reason":"null"}],"error":false}'],
    ['{"choices":[{"text":"Paris.","error":[]}],"error":{}}'],
    ['{"choices":[{"text":"Paris."}],"base_resp":{"status_code":0}}'],
    ['{"code":0,"message":"ok","data":{"choices":[{"text":"Paris."}]}}'],
    [
      'data: {"choices":[{"delta":{"content":"Paris."},"finish_reason":"null"}]}\n\ndata: {"choices":[{"finish_reason":"stop"}]}\n\n',
    ],
  ])("is read however carelessly it is written: %s", (body) => {
    expect(parseAnswer("chat", body)).toMatchObject({
      choices: [{ text: "Paris.", ending: "complete" }],
    });
  });

  it.each([
    ["line\nend", "line\nend"],
    [String.raw`a \" NaN`, 'a " NaN'],
    [4, "4"],
    [true, "true"],
  ])("has the words %j as they are meant", (content, text) => {
    const written =
      typeof content === "string" ? `"${content}"` : String(content);
    const body = `{"choices":[{"message":{"content":${written}},"x":NaN}]}`;
    expect(parseAnswer("chat", body)).toMatchObject({ choices: [{ text }] });
  });

  // What is not linear needs minutes for these; the tests have seconds.
  it.each(['"', '\\"', '"\\', "\\", "NaN", '{"a":', "\n{"])(
    "is told from a million characters of %j",
    (piece) => {
      const body = `"${piece.repeat(1_000_000 / piece.length)}`;
      expect(typeof parseAnswer("chat", body)).toBe("string");
    },
  );

  it("is not taken for whole where a stream broke off after an ending that is none", () => {
    const piece = { delta: { content: "Par" }, finish_reason: "null" };
    expect(
      parseAnswer("chat", `data: ${JSON.stringify({ choices: [piece] })}\n\n`),
    ).toBe("the stream broke off");
  });

  it.each([
    { message: "no such page" },
    { choices: [{ message: { content: { answer: "Paris." } } }] },
    { text: "Hello" },
    { content: "Welcome", status: "up" },
    { response: "pong" },
    { data: { text: "Hello" } },
    { object: "list", data: [{ id: "m" }] },
    { choices: {} },
    { choices: [], text: "Hello" },
    [[{ text: "Hello" }]],
    "Hello",
    null,
  ])("is not what only looks like one: %j", (shape) => {
    expect(parseAnswer("chat", JSON.stringify(shape))).toMatch(
      /not an OpenAI-compatible completion/,
    );
  });
});
