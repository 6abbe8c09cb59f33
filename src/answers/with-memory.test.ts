import { describe, expect, it } from "vitest";
import { memoryStore } from "../../test/endpoints/memory-store.js";
import { AutodidactError } from "../foundation/error.js";
import type {
  GenerationRequest,
  LanguageModel,
} from "../generation/language-model.js";
import { absentModel, withMemory } from "./with-memory.js";

function request(prompt: string): GenerationRequest {
  return {
    prompt,
    n: 1,
    seed: 1,
    temperature: 0.7,
    topP: 1,
    topK: 0,
    maxTokens: 8,
    stop: [],
  };
}

/** Answers in capitals, but never "bad"; counts what it was asked. */
function capitals(): LanguageModel & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    identity: "capitals",
    asked,
    generate: async (requests, options) => {
      await new Promise(setImmediate);
      const answers = requests.map((each, place) => {
        const prompt = each.prompt as string;
        asked.push(prompt);
        if (prompt === "bad") return null;
        const text = prompt.toUpperCase();
        const answer = [{ text, tokens: 2, finishReason: "stop" as const }];
        options?.onAnswer?.(place, answer);
        return answer;
      });
      return answers.map((answer) => {
        if (answer === null) throw new AutodidactError("ENDPOINT", "no");
        return answer;
      });
    },
    score: () => Promise.resolve([]),
  };
}

describe("withMemory", () => {
  it("computes once what is asked twice, also after the model is gone", async () => {
    const store = memoryStore();
    const model = capitals();
    const first = await withMemory(model, store).generate([
      request("a"),
      request("b"),
    ]);
    expect(first.flat().map(({ text }) => text)).toEqual(["A", "B"]);
    const later = withMemory(absentModel("capitals"), store);
    expect(await later.generate([request("b"), request("a")])).toEqual(
      first.toReversed(),
    );
    expect(model.asked).toEqual(["a", "b"]);
  });

  it("keeps what was answered beside a failure", async () => {
    const store = memoryStore();
    const model = withMemory(capitals(), store);
    await expect(
      model.generate([request("bad"), request("a"), request("b")]),
    ).rejects.toThrow("no");
    expect(store.calls.size).toBe(2);
  });

  it("keeps answers under the keys that earlier versions used", async () => {
    const store = memoryStore();
    await withMemory(capitals(), store).generate([request("a")]);
    expect([...store.calls.keys()]).toEqual([
      "fefe51d974db5ebe17851fcb7257144310bf90f87b296dd24a32385fc78d8f72",
    ]);
  });

  it("says that an answer is not there when nobody can compute it", async () => {
    await expect(
      withMemory(absentModel("gone"), memoryStore()).generate([request("a")]),
    ).rejects.toMatchObject({ code: "BAD_INPUT" });
  });
});
