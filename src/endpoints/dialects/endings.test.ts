import { describe, expect, it } from "vitest";
import { parseAnswer } from "../transport/answer.js";
import { endingOf, knownEnding } from "./endings.js";

describe("the end of an answer", () => {
  it.each([
    ["stop", "complete"],
    ["STOP", "complete"],
    ["FINISH_REASON_STOP", "complete"],
    ["end_turn", "complete"],
    ["length", "cut"],
    ["max_tokens", "cut"],
    ["MAX_TOKENS", "cut"],
    ["model_length", "cut"],
    ["content_filter", "refused"],
    ["SAFETY", "refused"],
    ["error", "failed"],
    ["insufficient_system_resource", "failed"],
    ["anything else", "cut"],
  ])("%s is %s", (word, ending) => {
    expect(endingOf(word)).toBe(ending);
  });

  it("tells words that nobody knows from those that mean cut off", () => {
    expect(knownEnding("length")).toBe("cut");
    expect(knownEnding("anything else")).toBeUndefined();
    expect(knownEnding("constructor")).toBeUndefined();
  });

  it("is a failure where the choice has an error, whatever its word", () => {
    const body = JSON.stringify({
      choices: [
        {
          message: { content: "half" },
          finish_reason: "stop",
          error: { code: 502, message: "upstream failed" },
        },
      ],
    });
    expect(parseAnswer("chat", body)).toMatchObject({
      choices: [{ ending: "failed", error: "upstream failed" }],
    });
  });
});

describe("the words of an answer", () => {
  it.each([
    ["text", "hello"],
    [
      "parts",
      [
        { type: "text", text: "hel" },
        { type: "text", text: "lo" },
      ],
    ],
    [
      "parts with thoughts",
      [
        { type: "thinking", thinking: [{ type: "text", text: "hm" }] },
        { type: "text", text: "hello" },
      ],
    ],
    ["plain parts", ["hel", "lo"]],
    ["a part alone", { type: "output_text", text: "hello" }],
  ])("are read out of %s", (_, content) => {
    const body = JSON.stringify({
      choices: [
        {
          index: null,
          message: { content, reasoning_content: "hm" },
          finish_reason: "stop",
        },
      ],
      usage: null,
    });
    expect(parseAnswer("chat", body)).toEqual({
      choices: [{ text: "hello", ending: "complete", finishReason: "stop" }],
    });
  });
});
