import { describe, expect, it } from "vitest";
import { parseAnswer } from "./answer.js";
import { assembleStream } from "./event-stream.js";

const stream = (...pieces: unknown[]) =>
  pieces
    .map(
      (piece) =>
        `data: ${typeof piece === "string" ? piece : JSON.stringify(piece)}\n\n`,
    )
    .join("");

const delta = (
  index: number,
  content: string,
  finish_reason: string | null = null,
) => ({
  choices: [{ index, delta: { content }, finish_reason }],
});

describe("assembleStream", () => {
  it("joins the pieces of each choice, in whatever order they come", () => {
    const text = stream(
      { choices: [{ index: 0, delta: { role: "assistant", content: "" } }] },
      delta(1, "Au "),
      delta(0, "Good "),
      delta(0, "morning"),
      delta(1, "revoir", "stop"),
      delta(0, "", "length"),
      { choices: [], usage: { prompt_tokens: 3, completion_tokens: 4 } },
      "[DONE]",
    );
    const expected = {
      choices: [
        { text: "Good morning", ending: "cut", finishReason: "length" },
        { text: "Au revoir", ending: "complete", finishReason: "stop" },
      ],
      usage: { promptTokens: 3, cachedPromptTokens: 0, completionTokens: 4 },
    };
    expect(parseAnswer("chat", text)).toEqual(expected);
    // Comments, other fields and line ends of any kind change nothing.
    const dressed = `: ping\r\nevent: x\r\nid: 1\r\n${text.replaceAll("\n", "\r\n")}`;
    expect(parseAnswer("chat", dressed)).toEqual(expected);
  });

  it("joins completions with their log-probabilities", () => {
    const piece = (
      text: string,
      logprob: number,
      finish_reason: string | null,
    ) => ({
      choices: [
        {
          index: 0,
          text,
          finish_reason,
          logprobs: {
            tokens: [text],
            token_logprobs: [logprob],
            top_logprobs: null,
          },
        },
      ],
    });
    const text = stream(piece("a", -1, null), piece("b", -2, "stop"));
    expect(parseAnswer("text", text)).toEqual({
      choices: [
        {
          text: "ab",
          ending: "complete",
          finishReason: "stop",
          tokens: [
            { token: "a", logprob: -1, top: [] },
            { token: "b", logprob: -2, top: [] },
          ],
        },
      ],
    });
  });

  it.each([
    ["", "the stream broke off"],
    [stream(delta(0, "half")), "the stream broke off"],
    [stream(delta(0, "all", "stop"), delta(1, "half")), "the stream broke off"],
    [
      stream(delta(0, "x", "stop")).slice(0, -20),
      "a piece of the stream is not JSON",
    ],
    ['{"choices": []}', "the stream broke off"],
  ])("does not take %j for an answer", (text, problem) => {
    expect(assembleStream("chat", text)).toBe(problem);
  });

  it("counts as cut off what has no ending where the server says that it is done", () => {
    const text = stream(delta(0, "all", "stop"), delta(1, "half"), "[DONE]");
    expect(parseAnswer("chat", text)).toMatchObject({
      choices: [
        { text: "all", ending: "complete" },
        { text: "half", ending: "cut", finishReason: "[DONE]" },
      ],
    });
    expect(assembleStream("chat", stream("[DONE]"))).toEqual({
      value: { choices: [] },
    });
  });

  it("hands on an error that came in the middle", () => {
    const text = stream(delta(0, "half"), {
      error: { message: "out of memory" },
    });
    expect(parseAnswer("chat", text)).toBe(
      "the answer has status 200 and an error inside: out of memory",
    );
  });
});
