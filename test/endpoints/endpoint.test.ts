/**
 * @file The endpoint as a `LanguageModel`, against a server that behaves.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import type { GenerationRequest } from "../../src/generation/language-model.js";
import { Budget } from "../../src/endpoints/spending/budget.js";
import { openEndpoint } from "../../src/endpoints/endpoint.js";
import type { EndpointParts } from "../../src/endpoints/endpoint.js";
import type { EndpointSettings } from "../../src/endpoints/transport/endpoint-settings.js";
import { authorOf } from "../../src/pipelines/instruct-stages/author.js";
import { memoryStore } from "./memory-store.js";
import { PriceTable } from "../../src/endpoints/spending/prices.js";
import { rightAnswer, startFaultServer } from "./fault-server.js";
import type { FaultServerOptions } from "./fault-server.js";

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

async function serve(options: FaultServerOptions = {}) {
  const server = await startFaultServer(options);
  opened.push(() => server.kill());
  return server;
}

function connect(
  baseUrl: string,
  parts: EndpointParts = {},
  settings: Partial<EndpointSettings> = {},
) {
  const model = openEndpoint(
    { baseUrl, model: "m", ...settings },
    { environment: {}, ...parts },
  );
  opened.push(() => model.close());
  return model;
}

function request(
  index: number,
  changes: Partial<GenerationRequest> = {},
): GenerationRequest {
  return {
    prompt: `question ${index}`,
    n: 1,
    seed: 5,
    temperature: 0.7,
    topP: 0.9,
    topK: 0,
    maxTokens: 20,
    stop: [],
    ...changes,
  };
}

const requests = (count: number, changes: Partial<GenerationRequest> = {}) =>
  Array.from({ length: count }, (_, index) => request(index, changes));

describe("generate", () => {
  it("sends the tools and the template's variables that a conversation has, and none where it has none", async () => {
    const server = await serve();
    const model = connect(
      server.url,
      {},
      { extraBody: { chat_template_kwargs: { mood: "calm", depth: 1 } } },
    );
    const prompt = [{ role: "user" as const, content: "question 0" }];
    const tools = [{ type: "function", function: { name: "look" } }];
    await model.generate([
      request(0, { prompt, tools, chat_template_kwargs: { depth: 2 } }),
    ]);
    await model.generate([
      request(1, { prompt, tools: [], chat_template_kwargs: null }),
    ]);
    await model.generate([request(2, { tools })]);
    expect(server.bodies).toMatchObject([
      { tools, chat_template_kwargs: { mood: "calm", depth: 2 } },
      { chat_template_kwargs: { mood: "calm", depth: 1 } },
      { prompt: "question 2" },
    ]);
    expect(server.bodies.map((body) => "tools" in body)).toEqual([
      true,
      false,
      false,
    ]);
  });

  it("sends what was asked for and returns samples in order", async () => {
    const server = await serve();
    const model = connect(server.url);
    const [completions] = await model.generate([request(0, { n: 3 })]);
    expect(completions?.map(({ text }) => text)).toEqual([
      rightAnswer("question 0", 5, 0),
      rightAnswer("question 0", 5, 1),
      rightAnswer("question 0", 5, 2),
    ]);
    expect(server.bodies).toEqual([
      {
        model: "m",
        prompt: "question 0",
        max_tokens: 20,
        temperature: 0.7,
        top_p: 0.9,
        n: 3,
        seed: 5,
      },
    ]);
  });

  it("sends conversations to the chat endpoint", async () => {
    const server = await serve();
    const messages = [
      { role: "system", content: "Be brief." },
      { role: "user", content: "question 0" },
    ] as const;
    const [[completion] = []] = await connect(server.url).generate([
      request(0, { prompt: messages }),
    ]);
    expect(completion).toEqual({
      text: rightAnswer("question 0", 5),
      tokens: 5,
      finishReason: "stop",
    });
    expect(server.bodies[0]?.messages).toEqual(messages);
  });

  it("gives every sample its own seed where the server ignores n", async () => {
    const server = await serve({ ignoresN: true });
    const model = connect(server.url);
    const answers = await model.generate(requests(5, { n: 4 }));
    for (const completions of answers)
      expect(new Set(completions.map(({ text }) => text)).size).toBe(4);
    // The first requests learn that n is ignored, the later ones know.
    expect(server.received).toBe(20);
  });

  it("reports progress", async () => {
    const server = await serve();
    const seen: number[] = [];
    await connect(server.url).generate(requests(3), {
      onProgress: (done) => seen.push(done),
    });
    expect(seen).toEqual([1, 2, 3]);
  });

  it("asks once for equal requests of one batch", async () => {
    const server = await serve({ latencyMs: 20 });
    const model = connect(server.url, { store: memoryStore() });
    const answers = await model.generate([request(0), request(0), request(0)]);
    expect(new Set(answers.map(([one]) => one?.text)).size).toBe(1);
    expect(server.received).toBe(1);
  });

  it("uses an answer of an earlier run, whatever else is asked beside it", async () => {
    const server = await serve();
    const store = memoryStore();
    await connect(server.url, { store }).generate(requests(10));
    const second = connect(server.url, { store });
    await second.generate(requests(15).reverse());
    expect(server.received).toBe(15);
    expect(second.status().reused).toBe(10);
  });

  it("keeps the key of an answer free of the address when the endpoint has a name", async () => {
    const [first, second] = [await serve(), await serve()];
    const store = memoryStore();
    const name = { name: "lab" };
    await connect(first.url, { store }, name).generate(requests(3));
    await connect(second.url, { store }, name).generate(requests(3));
    expect([first.received, second.received]).toEqual([3, 0]);
  });
});

describe("a request that the endpoint refuses", () => {
  it("ends the batch, with what was answered kept", async () => {
    const server = await serve({ context: 30, latencyMs: 10 });
    const store = memoryStore();
    const model = connect(server.url, { store });
    const batch = requests(50);
    batch[20] = request(20, { prompt: "x".repeat(31) });
    await expect(model.generate(batch)).rejects.toMatchObject({
      code: "ENDPOINT",
      details: { failure: "context-too-long", attempts: 1 },
    });
    const { answered, inFlight } = model.status();
    expect(inFlight).toBe(0);
    expect(store.calls.size).toBe(answered);
    expect(answered).toBeGreaterThanOrEqual(20);
  });

  it("is an outcome of its own where that is wanted", async () => {
    const server = await serve({ context: 30 });
    const model = connect(server.url);
    const batch = requests(5);
    batch[2] = request(2, { prompt: "x".repeat(31) });
    const { ask } = authorOf(model, {
      style: "chat",
      signal: new AbortController().signal,
    });
    const outcomes = await Promise.all(batch.map(ask));
    expect(outcomes.map((outcome) => "refusal" in outcome)).toEqual([
      false,
      false,
      true,
      false,
      false,
    ]);
  });

  it("ends everything when all would be refused the same way", async () => {
    const server = await serve({ key: "the-right-key" });
    const model = connect(
      server.url,
      { environment: { LAB_KEY: "some-wrong-key" } },
      { apiKeyVariable: "LAB_KEY", initialConcurrency: 1 },
    );
    await expect(model.generate(requests(100))).rejects.toMatchObject({
      details: { failure: "wrong-key" },
    });
    expect(model.status().attempts).toBe(1);
  });
});

describe("a budget", () => {
  const prices = new PriceTable(
    new Map([
      ["m", { input: 1_000_000, cachedInput: 1_000_000, output: 2_000_000 }],
    ]),
  );

  it("stops cleanly before a limit is crossed, and a later run goes on", async () => {
    const server = await serve({ latencyMs: 2 });
    const store = memoryStore();
    const first = new Budget({ maxTokens: 1000 });
    await expect(
      connect(server.url, { store, budget: first }).generate(requests(200)),
    ).rejects.toMatchObject({
      code: "BUDGET",
      details: { limit: "tokens" },
    });
    // 15 tokens each, and the last few must leave room for the worst case.
    expect(first.spent.tokens).toBeLessThanOrEqual(1000);
    expect(first.spent.tokens).toBeGreaterThan(800);
    expect(first.spent.requests).toBe(store.calls.size);
    const second = new Budget({ maxTokens: 10_000 }, first.spent);
    const answers = await connect(server.url, {
      store,
      budget: second,
    }).generate(requests(200));
    expect(answers).toHaveLength(200);
    expect(server.received).toBe(200);
    expect(second.spent).toEqual({
      requests: 200,
      tokens: 200 * 15,
      costMicros: 0,
    });
  });

  it("counts every attempt as a request", async () => {
    const server = await serve({ faultFor: () => ({ status: 500 }) });
    const budget = new Budget({ maxRequests: 3 });
    await expect(
      connect(server.url, { budget }).generate(requests(20)),
    ).rejects.toMatchObject({ code: "BUDGET" });
    expect(server.received).toBe(3);
  });

  it("charges what the endpoint counted", async () => {
    const server = await serve();
    const budget = new Budget({ maxCostMicros: 1_000_000 });
    const store = memoryStore();
    await connect(server.url, { store, budget, prices }).generate(requests(10));
    // 10 × $1 + 5 × $2 a million tokens = 20 micros a request
    expect(budget.spent.costMicros).toBe(200);
    const costs = [...store.calls.values()].map(
      ({ usage }) => usage.costMicros,
    );
    expect(costs).toEqual(Array.from({ length: 10 }, () => 20));
  });

  it("of money refuses a model without a price, here as well as elsewhere", async () => {
    const budget = new Budget({ maxCostMicros: 1000 });
    expect(() => connect("https://h.invalid/v1", { budget })).toThrow(
      /price of "m" is not known/,
    );
    // On this machine it may be a gateway that says what it charges: one answer tells.
    const server = await serve();
    await expect(
      connect(server.url, { budget }).generate(requests(20)),
    ).rejects.toMatchObject({
      code: "USAGE",
      message: expect.stringMatching(
        /Money is limited, but the price .* is not known/,
      ) as string,
    });
    expect(server.received).toBe(1);
  });
});

describe("an interruption", () => {
  it("lets what is in flight finish, keeps it and sends nothing more", async () => {
    const server = await serve({ latencyMs: 100 });
    const store = memoryStore();
    const model = connect(server.url, { store });
    const controller = new AbortController();
    const run = model.generate(requests(100), { signal: controller.signal });
    const stopped = expect(run).rejects.toMatchObject({ code: "INTERRUPTED" });
    while (server.received < 4) await sleep(5);
    controller.abort();
    const { received } = server;
    await stopped;
    expect(server.received).toBe(received);
    expect(store.calls.size).toBe(model.status().answered);
    expect(model.status().inFlight).toBe(0);
  });

  it("before the start sends nothing", async () => {
    const server = await serve();
    await expect(
      connect(server.url).generate(requests(3), {
        signal: AbortSignal.abort(),
      }),
    ).rejects.toMatchObject({ code: "INTERRUPTED" });
    expect(server.received).toBe(0);
  });

  it("of one batch leaves another alone", async () => {
    const server = await serve({ latencyMs: 10 });
    const model = connect(server.url);
    const controller = new AbortController();
    const doomed = model.generate(requests(50), { signal: controller.signal });
    const other = model.generate(requests(50, { seed: 9 }));
    controller.abort();
    await expect(doomed).rejects.toMatchObject({ code: "INTERRUPTED" });
    expect(await other).toHaveLength(50);
  });
});
