/**
 * @file What every `LanguageModel` promises, as one suite that each implementation's
 * test calls: shapes, order, and that an answer depends on its own request only.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type {
  CallUsage,
  GenerationRequest,
  LanguageModel,
} from "../../src/generation/language-model.js";

export interface Implementation {
  readonly name: string;
  /** Opens it; what it gives back closes it. */
  readonly open: () => Promise<{
    readonly model: LanguageModel;
    readonly close: () => Promise<void>;
  }>;
}

function request(changes: Partial<GenerationRequest> = {}): GenerationRequest {
  return {
    prompt: "The quick brown",
    n: 1,
    seed: 3,
    temperature: 1.2,
    topP: 1,
    topK: 0,
    maxTokens: 12,
    stop: [],
    ...changes,
  };
}

/** Requests that differ in everything an answer may depend on. */
const MIXED: readonly GenerationRequest[] = [
  request({ n: 3 }),
  request({ prompt: "She sells", temperature: 0 }),
  request({ prompt: "one", seed: 9, topP: 0.8, maxTokens: 5, n: 2 }),
  request({ prompt: [{ role: "user", content: "Why?" }], maxTokens: 7 }),
  request({ prompt: "What is the sum of 12 and 30?", temperature: 0.5 }),
];

/** Calls `describe`: to be used at the top of a test file. */
export function languageModelConformance({ name, open }: Implementation): void {
  describe(`${name} as a language model`, () => {
    let model: LanguageModel;
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ model, close } = await open());
    });
    afterAll(() => close());

    const textsOf = async (
      requests: readonly GenerationRequest[],
    ): Promise<readonly (readonly string[])[]> =>
      (await model.generate(requests)).map((row) =>
        row.map(({ text }) => text),
      );

    it("says who it is", () => {
      expect(model.identity).not.toBe("");
    });

    it("gives a row for each request, in order, with the samples asked for", async () => {
      const answers = await model.generate(MIXED);
      expect(answers.map((row) => row.length)).toEqual(MIXED.map(({ n }) => n));
      expect(await model.generate([])).toEqual([]);
    });

    it("answers a request alike alone, among others and in another order", async () => {
      const together = await textsOf(MIXED);
      const reversed = await textsOf([...MIXED].reverse());
      expect([...reversed].reverse()).toEqual(together);
      for (const [place, each] of MIXED.entries())
        expect(await textsOf([each])).toEqual([together[place]]);
    });

    it("draws sample i from the seed and i: fewer samples are the first ones", async () => {
      const [three] = await textsOf([request({ n: 3 })]);
      const [one] = await textsOf([request({ n: 1 })]);
      expect(three?.slice(0, 1)).toEqual(one);
      expect(new Set(three).size).toBe(3);
    });

    it("draws otherwise for another seed, and greedily the same for any", async () => {
      const [[sampled], [other]] = (await textsOf([
        request(),
        request({ seed: 4 }),
      ])) as [[string], [string]];
      expect(other).not.toBe(sampled);
      const [greedy, again] = await textsOf([
        request({ temperature: 0 }),
        request({ temperature: 0, seed: 4 }),
      ]);
      expect(again).toEqual(greedy);
    });

    it("generates at most the tokens allowed, and says when it was cut", async () => {
      const [[cut] = []] = await model.generate([
        request({ temperature: 0, maxTokens: 3 }),
      ]);
      expect(cut?.tokens).toBeLessThanOrEqual(3);
      expect(cut?.finishReason).toBe("length");
    });

    it("ends before a stop text and leaves it out", async () => {
      const [[whole = ""] = []] = await textsOf([request({ temperature: 0 })]);
      const stop = whole.slice(3, 5);
      const [[stopped] = []] = await model.generate([
        request({ temperature: 0, stop: ["never said", stop] }),
      ]);
      expect(stop).not.toBe("");
      expect(stopped?.text).toBe(whole.slice(0, whole.indexOf(stop)));
      expect(stopped?.finishReason).toBe("stop");
    });

    it("tells what its answers took, unless it remembers them", async () => {
      const told: CallUsage[] = [];
      const fresh = MIXED.map((each) => ({ ...each, seed: each.seed + 100 }));
      const answers = await model.generate(fresh, {
        onUsage: (usage) => told.push(usage),
      });
      const sum = (of: (usage: CallUsage) => number): number =>
        told.reduce((total, usage) => total + of(usage), 0);
      expect(sum(({ requests }) => requests)).toBeGreaterThan(0);
      expect(sum(({ tokensIn }) => tokensIn)).toBeGreaterThan(0);
      expect(sum(({ tokensOut }) => tokensOut)).toBe(
        answers.flat().reduce((total, { tokens }) => total + tokens, 0),
      );
    });

    it("tells how many requests are done, all of them at the end", async () => {
      const told: number[] = [];
      await model.generate(MIXED, { onProgress: (done) => told.push(done) });
      expect(told.at(-1)).toBe(MIXED.length);
      expect(told).toEqual([...told].sort((a, b) => a - b));
    });

    it("stops when it is asked to, with an error", async () => {
      const signal = AbortSignal.abort();
      await expect(model.generate(MIXED, { signal })).rejects.toThrow();
    });
  });
}
