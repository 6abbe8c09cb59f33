import { describe, expect, it } from "vitest";
import { SampleMemory } from "./sample-memory.js";
import type { Purchase, SampleRequest } from "./sample-memory.js";
import type { StoredAnswer } from "./answer-store.js";
import { memoryStore } from "../../test/endpoints/memory-store.js";

interface Word {
  readonly text: string;
  readonly finished: boolean;
}

/** Answers are lists of words; a word with "…" was cut off. */
function purchase(words: readonly string[], maxTokens: number): Purchase<Word> {
  return {
    call: {
      request: {
        endpoint: "e",
        path: "/completions",
        body: { max_tokens: maxTokens },
      },
      response: JSON.stringify(words),
      usage: {
        promptTokens: 1,
        cachedPromptTokens: 0,
        completionTokens: 10,
        costMicros: 0,
      },
    },
    samples: read(words),
  };
}

const read = (words: readonly string[]): readonly Word[] =>
  words.map((text) => ({ text, finished: !text.endsWith("…") }));

function makeOrder(
  samples: number,
  changes: Partial<SampleRequest<Word>> = {},
): SampleRequest<Word> & { readonly bought: string[] } {
  const bought: string[] = [];
  return {
    bought,
    key: "k",
    samples,
    maxTokens: 50,
    describe: () => 'the request that begins "p"',
    readAnew: () => [],
    read: (call: StoredAnswer) => read(JSON.parse(call.response) as string[]),
    together: () => Number.POSITIVE_INFINITY,
    buy: (first, count) => {
      bought.push(`${first}+${count}`);
      const words = Array.from({ length: count }, (_, i) => `w${first + i}`);
      return Promise.resolve(purchase(words, 50));
    },
    ...changes,
  };
}

const texts = (words: readonly Word[]) => words.map((word) => word.text);

describe("SampleMemory", () => {
  it("buys all samples at once and finds them again", async () => {
    const recorder = new SampleMemory({ store: memoryStore() });
    const first = makeOrder(3);
    expect(texts(await recorder.obtain(first))).toEqual(["w0", "w1", "w2"]);
    expect(first.bought).toEqual(["0+3"]);
    const second = makeOrder(3);
    expect(texts(await recorder.obtain(second))).toEqual(["w0", "w1", "w2"]);
    expect(second.bought).toEqual([]);
    expect(recorder.reused).toBe(1);
  });

  it("buys only what a larger request lacks", async () => {
    const recorder = new SampleMemory({ store: memoryStore() });
    await recorder.obtain(makeOrder(2));
    const larger = makeOrder(5);
    expect(texts(await recorder.obtain(larger))).toEqual([
      "w0",
      "w1",
      "w2",
      "w3",
      "w4",
    ]);
    expect(larger.bought).toEqual(["2+3"]);
  });

  it("asks again for what an endpoint that ignores n left out, one by one", async () => {
    const recorder = new SampleMemory({ store: memoryStore() });
    let together = Number.POSITIVE_INFINITY;
    const bought: string[] = [];
    const order = makeOrder(3, {
      together: () => together,
      buy: (first, count) => {
        bought.push(`${first}+${count}`);
        together = 1;
        return Promise.resolve(purchase([`w${first}`], 50));
      },
    });
    expect(texts(await recorder.obtain(order))).toEqual(["w0", "w1", "w2"]);
    expect(bought).toEqual(["0+3", "1+1", "2+1"]);
  });

  it("uses no more samples than were asked for, and keeps them all", async () => {
    const store = memoryStore();
    const recorder = new SampleMemory({ store });
    const generous = makeOrder(1, {
      buy: () => Promise.resolve(purchase(["w0", "extra"], 50)),
    });
    expect(texts(await recorder.obtain(generous))).toEqual(["w0"]);
    expect(texts(await recorder.obtain(makeOrder(2)))).toEqual(["w0", "extra"]);
  });

  it("buys once when several ask at the same time", async () => {
    const recorder = new SampleMemory({ store: memoryStore() });
    let purchases = 0;
    const order = makeOrder(1, {
      buy: async () => {
        purchases++;
        await new Promise(setImmediate);
        return purchase([`p${purchases}`], 50);
      },
    });
    const answers = await Promise.all([
      recorder.obtain(order),
      recorder.obtain(order),
      recorder.obtain(order),
    ]);
    expect(answers.map(texts)).toEqual([["p1"], ["p1"], ["p1"]]);
    expect(purchases).toBe(1);
  });

  it("keeps no failure, and lets the next one try", async () => {
    const store = memoryStore();
    const recorder = new SampleMemory({ store });
    const broken = makeOrder(1, {
      buy: () => Promise.reject(new Error("no answer")),
    });
    const [failed, succeeded] = await Promise.allSettled([
      recorder.obtain(broken),
      recorder.obtain(makeOrder(1)),
    ]);
    expect(failed.status).toBe("rejected");
    expect(succeeded.status).toBe("fulfilled");
    expect(store.calls.size).toBe(1);
  });

  it("keeps what was bought beside a failure", async () => {
    const store = memoryStore();
    const recorder = new SampleMemory({ store });
    const half = makeOrder(2, {
      together: () => 1,
      buy: async (first) => {
        if (first === 0) throw new Error("no answer");
        await new Promise(setImmediate);
        return purchase(["w1"], 50);
      },
    });
    await expect(recorder.obtain(half)).rejects.toThrow("no answer");
    const again = makeOrder(2);
    expect(texts(await recorder.obtain(again))).toEqual(["w0", "w1"]);
    expect(again.bought).toEqual(["0+1"]);
  });

  it("buys only truncated answers again when the maximum is raised", async () => {
    const recorder = new SampleMemory({ store: memoryStore() });
    const cut = makeOrder(1, {
      key: "cut",
      maxTokens: 10,
      buy: () => Promise.resolve(purchase(["half…"], 10)),
    });
    const whole = makeOrder(1, {
      key: "whole",
      maxTokens: 10,
      buy: () => Promise.resolve(purchase(["whole"], 10)),
    });
    await recorder.obtain(cut);
    await recorder.obtain(whole);
    const moreOfCut = makeOrder(1, { key: "cut", maxTokens: 99 });
    const moreOfWhole = makeOrder(1, { key: "whole", maxTokens: 99 });
    expect(texts(await recorder.obtain(moreOfCut))).toEqual(["w0"]);
    expect(texts(await recorder.obtain(moreOfWhole))).toEqual(["whole"]);
    expect(moreOfWhole.bought).toEqual([]);
    // The truncated answer still serves the old maximum.
    expect(texts(await recorder.obtain(cut))).toEqual(["w0"]);
  });

  it("does not give an answer of ten tokens where five are allowed", async () => {
    const recorder = new SampleMemory({ store: memoryStore() });
    await recorder.obtain(makeOrder(1));
    const short = makeOrder(1, {
      maxTokens: 5,
      buy: () => Promise.resolve(purchase(["w…"], 5)),
    });
    expect(texts(await recorder.obtain(short))).toEqual(["w…"]);
    expect(texts(await recorder.obtain(makeOrder(1)))).toEqual(["w0"]);
  });

  it("names the request that a replay does not know", async () => {
    const recorder = new SampleMemory({
      store: memoryStore(),
      replayOf: "calls.jsonl",
    });
    const order = makeOrder(1);
    await expect(recorder.obtain(order)).rejects.toThrow(
      'calls.jsonl has no answer for sample 0 of the request that begins "p". A replay only knows the requests of the recorded run',
    );
    expect(order.bought).toEqual([]);
  });
});
