import { describe, expect, it } from "vitest";
import { parseAnswer } from "./answer.js";

const chat = (choices: unknown, rest: object = {}) =>
  JSON.stringify({ choices, ...rest });

describe("parseAnswer", () => {
  it("reads a chat answer with usage and cached tokens", () => {
    const body = chat(
      [
        {
          index: 0,
          message: { role: "assistant", content: "Hi" },
          finish_reason: "length",
        },
      ],
      {
        usage: {
          prompt_tokens: 9,
          completion_tokens: 2,
          total_tokens: 11,
          prompt_tokens_details: { cached_tokens: 4 },
        },
      },
    );
    expect(parseAnswer("chat", body)).toEqual({
      choices: [{ text: "Hi", ending: "cut", finishReason: "length" }],
      usage: {
        promptTokens: 9,
        cachedPromptTokens: 4,
        completionTokens: 2,
        totalTokens: 11,
      },
    });
  });

  it("reads log-probabilities of both endpoints into one form", () => {
    const fromChat = parseAnswer(
      "chat",
      chat([
        {
          message: { content: "4" },
          finish_reason: "stop",
          logprobs: {
            content: [
              {
                token: "4",
                logprob: -0.5,
                top_logprobs: [
                  { token: "4", logprob: -0.5 },
                  { token: "5", logprob: -1 },
                ],
              },
            ],
          },
        },
      ]),
    );
    const fromText = parseAnswer(
      "text",
      chat([
        {
          text: "4",
          finish_reason: "stop",
          logprobs: {
            tokens: ["4"],
            token_logprobs: [-0.5],
            top_logprobs: [{ "4": -0.5, "5": -1 }],
          },
        },
      ]),
    );
    expect(fromText).toEqual(fromChat);
  });

  it("puts choices into the order of their index and drops repeated ones", () => {
    const body = chat([
      { index: 2, text: "c" },
      { index: 0, text: "a" },
      { index: 2, text: "c again" },
      { index: 1, text: "b" },
    ]);
    const answer = parseAnswer("text", body);
    expect(
      typeof answer === "string" ? answer : answer.choices.map((c) => c.text),
    ).toEqual(["a", "b", "c"]);
  });

  it("takes a refusal for the text of the answer", () => {
    const answer = parseAnswer(
      "chat",
      chat([{ message: { content: null, refusal: "I will not." } }]),
    );
    expect(answer).toMatchObject({ choices: [{ text: "I will not." }] });
  });

  it.each([
    ["logprobs", {}],
    ["logprobs", []],
    ["logprobs", { content: [{ token: "hi" }] }],
    ["logprobs", { tokens: ["hi"], token_logprobs: "none" }],
    ["index", "0"],
    ["index", null],
    ["error", null],
  ])("keeps the text where %s is %j", (name, value) => {
    const choice = { finish_reason: "stop", [name]: value };
    const bodies = {
      chat: chat([{ ...choice, message: { content: "hi", refusal: false } }]),
      text: chat([{ ...choice, text: "hi" }]),
    };
    for (const kind of ["chat", "text"] as const) {
      expect(parseAnswer(kind, `\ufeff${bodies[kind]}`)).toMatchObject({
        choices: [{ text: "hi", ending: "complete" }],
      });
    }
  });

  it("reads parts whose text is wrapped once more", () => {
    const content = [
      { type: "text", text: { value: "a", annotations: [] } },
      { type: "text", text: "b" },
    ];
    expect(parseAnswer("chat", chat([{ message: { content } }]))).toMatchObject(
      { choices: [{ text: "ab" }] },
    );
  });

  it.each([
    [1, "1"],
    [{ type: "length" }, '{"type":"length"}'],
    [false, "false"],
    ["whatever", "whatever"],
  ])("takes an ending of %j for one that nobody knows", (said, word) => {
    expect(
      parseAnswer("text", chat([{ text: "half a", finish_reason: said }])),
    ).toMatchObject({ choices: [{ ending: "cut", finishReason: word }] });
  });

  it.each([
    ["", "the answer is not JSON"],
    ['{"choices": [{"text": "half', "the answer is not JSON"],
    ["<html></html>", "the answer is not JSON"],
    ['data: {"choices":[]}', "the stream broke off"],
    [
      "[]",
      'the answer is not an OpenAI-compatible completion ("choices" is missing or wrong)',
    ],
    [
      "{}",
      'the answer is not an OpenAI-compatible completion ("choices" is missing or wrong)',
    ],
    [
      '{"choices": []}',
      'the answer is not an OpenAI-compatible completion ("choices" is missing or wrong)',
    ],
    [
      '{"choices": [{"index": 0}]}',
      'the answer is not an OpenAI-compatible completion ("choices.0.text" is missing or wrong)',
    ],
    [
      '{"error": {"message": "no"}}',
      "the answer has status 200 and an error inside: no",
    ],
  ])("says what is wrong with %s", (body, problem) => {
    expect(parseAnswer("text", body)).toBe(problem);
  });
});
