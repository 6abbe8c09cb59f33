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
    // The text is no answer: somebody was to run a tool, or to go on.
    ["tool_calls", "cut"],
    ["TOOL_CALL", "cut"],
    ["function_call", "cut"],
    ["tool_use", "cut"],
    ["toolUse", "cut"],
    ["pause_turn", "cut"],
    ["refusal", "refused"],
    ["contentFiltered", "refused"],
    ["maxTokens", "cut"],
    ["endTurn", "complete"],
    ["FINISH", "complete"],
    ["NOT_FINISHED", "cut"],
    ["USER_CANCEL", "failed"],
  ])("%s is %s", (word, ending) => {
    expect(endingOf(word)).toBe(ending);
  });

  it("tells words that nobody knows from those that mean cut off", () => {
    expect(knownEnding("length")).toBe("cut");
    expect(knownEnding("anything else")).toBeUndefined();
    expect(knownEnding("constructor")).toBeUndefined();
  });

  it.each([
    [{ content: null, tool_calls: [{ id: "1" }] }, "", "cut"],
    [{ content: "Let me look.", tool_calls: [{}] }, "Let me look.", "cut"],
    [{ content: "", function_call: { name: "f" } }, "", "cut"],
    [{ content: null, refusal: "I will not." }, "I will not.", "refused"],
    [{ content: "", refusal: "I will not." }, "I will not.", "refused"],
    [{ content: "Yes.", refusal: null, tool_calls: [] }, "Yes.", "complete"],
    [{ content: "Yes.", refusal: "" }, "Yes.", "complete"],
  ])("is told by the message too: %j", (message, text, ending) => {
    for (const finish_reason of ["stop", null]) {
      const whole = JSON.stringify({ choices: [{ message, finish_reason }] });
      const delta = JSON.stringify({
        choices: [{ delta: message, finish_reason: "stop" }],
      });
      for (const body of [whole, `data: ${delta}\n\ndata: [DONE]\n\n`])
        expect(parseAnswer("chat", body)).toMatchObject({
          choices: [{ text, ending }],
        });
    }
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
