import { describe, expect, it } from "vitest";
import type { EndpointSettings } from "./endpoint-settings.js";
import {
  kindFor,
  maxTokensFields,
  promptBytes,
  promptFields,
  promptStart,
  samplingFields,
} from "./request-body.js";

const settings: EndpointSettings = { baseUrl: "http://h/v1", model: "m" };
const sampling = {
  temperature: 0.7,
  topP: 0.9,
  topK: 0,
  maxTokens: 10,
  stop: [],
};
const talk = [{ role: "user", content: "Grüße" }] as const;

describe("where a prompt goes", () => {
  it("is completions for text and chat for conversations, unless told otherwise", () => {
    expect(kindFor("text", settings)).toBe("text");
    expect(kindFor(talk, settings)).toBe("chat");
    expect(kindFor("text", { ...settings, api: "chat" })).toBe("chat");
    expect(() => kindFor(talk, { ...settings, api: "completions" })).toThrow(
      /cannot go to a completions endpoint/,
    );
  });

  it("makes a user's message of text for a chat endpoint", () => {
    expect(promptFields("chat", "Hi")).toEqual({
      messages: [{ role: "user", content: "Hi" }],
    });
  });

  it("takes calls of tools and what they belong to along, and nothing else", () => {
    const messages = [
      { role: "assistant", content: null, tool_calls: [{ id: "1" }] },
      { role: "tool", content: "sun", tool_call_id: "1" },
    ] as const;
    const noted = messages.map((each) => ({ ...each, note: "mine" }));
    expect(promptFields("chat", noted)).toEqual({ messages });
    expect(promptBytes(noted)).toBe('[{"id":"1"}]sun'.length);
    expect(promptStart(noted.slice(0, 1))).toBe('[{"id":"1"}]');
  });
});

describe("samplingFields", () => {
  it("leaves out what is switched off", () => {
    expect(samplingFields("chat", sampling, settings)).toEqual({
      temperature: 0.7,
      top_p: 0.9,
    });
  });

  it("sends what is switched on", () => {
    expect(
      samplingFields(
        "text",
        {
          ...sampling,
          topK: 40,
          presencePenalty: 2,
          frequencyPenalty: -0.5,
          stop: ["\n"],
        },
        { ...settings, logprobs: true },
      ),
    ).toEqual({
      temperature: 0.7,
      top_p: 0.9,
      top_k: 40,
      presence_penalty: 2,
      frequency_penalty: -0.5,
      stop: ["\n"],
      logprobs: 0,
    });
  });

  it("leaves out what the server refuses and adds what the user wants", () => {
    expect(
      samplingFields("chat", sampling, {
        ...settings,
        omit: ["top_p", "temperature"],
        extraBody: { reasoning_effort: "low" },
      }),
    ).toEqual({ reasoning_effort: "low" });
  });

  it("names the maximum of tokens as the server wants it", () => {
    expect(maxTokensFields(5, settings)).toEqual({ max_tokens: 5 });
    expect(
      maxTokensFields(5, {
        ...settings,
        maxTokensField: "max_completion_tokens",
      }),
    ).toEqual({ max_completion_tokens: 5 });
  });
});

describe("a prompt for people and estimates", () => {
  it("is counted in UTF-8 bytes", () => {
    expect(promptBytes("Grüße")).toBe(7);
    expect(promptBytes([...talk, ...talk])).toBe(14);
  });

  it("is shown by its beginning, on one line", () => {
    expect(promptStart("a\n  b")).toBe("a b");
    expect(promptStart("x".repeat(100))).toBe(`${"x".repeat(79)}…`);
    expect(promptStart(talk)).toBe("Grüße");
  });
});
