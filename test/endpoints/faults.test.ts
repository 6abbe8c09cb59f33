/**
 * @file Whatever the endpoint does wrong, every request gets its right answer, no
 * answer is bought twice, and the books balance.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { randomStream } from "../../src/foundation/random.js";
import { refusalOf } from "../../src/generation/request-refusal.js";
import type { EndpointTrouble } from "../../src/endpoints/transport/caller.js";
import { withoutRefusals } from "../../src/generation/without-refusals.js";
import { openEndpoint } from "../../src/endpoints/endpoint.js";
import type { ServedModel } from "../../src/endpoints/endpoint.js";
import { memoryStore } from "./memory-store.js";
import {
  askAll,
  expectRightAnswers,
  opened,
  request,
  requests,
  setUp,
} from "./faulty-endpoint.js";
import { startFaultServer } from "./fault-server.js";
import type { Fault, FaultServer, RequestBody } from "./fault-server.js";

/** Attempts = answered + failed, the server saw them all, nothing was sold twice. */
function expectBalance(
  model: ServedModel,
  servers: readonly FaultServer[],
  answered: number,
) {
  const { attempts, failed, inFlight, waiting } = model.status();
  expect({ attempts, inFlight, waiting }).toEqual({
    attempts: answered + failed,
    inFlight: 0,
    waiting: 0,
  });
  const sold = new Map<string, number>();
  for (const server of servers)
    for (const [item, count] of server.sold)
      sold.set(item, (sold.get(item) ?? 0) + count);
  expect([...sold.values()].filter((count) => count > 1)).toEqual([]);
  expect(sold.size).toBe(answered);
}

const EVERY_FAULT: readonly Fault[] = [
  { status: 408 },
  { status: 409 },
  { status: 429 },
  { status: 429, retryAfter: "1" },
  { status: 500 },
  { status: 502, body: "<html>Bad gateway</html>" },
  { status: 503, retryAfter: "0" },
  { status: 504 },
  { status: 529 },
  "hang",
  "reset",
  "truncated-body",
  "truncated-stream",
  "truncated-json",
  "malformed-json",
  "event-stream",
  "error-inside",
  "delta",
  "gzip",
  "not-gzip",
  "wrong-content-type",
  "shuffled-choices",
  "one-choice",
  "no-usage",
];

describe("a fault of the endpoint", () => {
  it.each(EVERY_FAULT.map((fault) => ({ fault })))(
    "loses nothing and buys nothing twice: $fault",
    async ({ fault }) => {
      // Every fifth request, the very first among them.
      const faultFor = (number: number) =>
        number % 5 === 0 ? fault : undefined;
      const { server, store, model, budget } = await setUp(
        { faultFor },
        "completions",
      );
      const answers = await model.generate(requests(40));
      expectRightAnswers(answers);
      expectBalance(model, [server], 40);
      expect(store.calls.size).toBe(40);
      expect(budget.spent.requests).toBe(server.received);
      const before = server.received;
      expectRightAnswers(await model.generate(requests(40)));
      expect(server.received).toBe(before);
    },
  );

  it("that says an answer twice on one connection mixes no answers up", async () => {
    const { server, model } = await setUp(
      { faultFor: (number) => (number % 3 === 0 ? "said-twice" : undefined) },
      "chat",
    );
    const answers = await model.generate(requests(60));
    expectRightAnswers(answers);
    expect(server.received).toBeGreaterThanOrEqual(60);
  });

  it("in the middle of a stream loses nothing and buys nothing twice", async () => {
    const { server, store, model } = await setUp(
      {
        faultFor: (number) =>
          number % 4 === 0 ? "truncated-stream" : undefined,
        stream: true,
      },
      "chat",
    );
    expectRightAnswers(await model.generate(requests(40)));
    expectBalance(model, [server], 40);
    const before = server.received;
    expectRightAnswers(await model.generate(requests(40)));
    expect(server.received).toBe(before);
    expect(store.calls.size).toBe(40);
    expect(server.bodies[0]).toMatchObject({
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  it("puts several choices in order, and buys the ones left out", async () => {
    const { server, store, model } = await setUp(
      {
        faultFor: (number) =>
          number % 2 === 0 ? "shuffled-choices" : "one-choice",
      },
      "completions",
    );
    const batch = Array.from({ length: 10 }, (_, index) => request(index, 4));
    const answers = await model.generate(batch);
    for (const completions of answers) {
      expect(completions).toHaveLength(4);
      expect(new Set(completions.map(({ text }) => text)).size).toBe(4);
    }
    const before = server.received;
    expect(await model.generate(batch)).toEqual(answers);
    expect(server.received).toBe(before);
    expect(store.calls.size).toBe(server.received);
  });

  it.each([1, 2])(
    "in any mixture loses nothing and buys nothing twice (seed %i)",
    async (seed) => {
      const random = randomStream(seed, "faults");
      const faultFor = () =>
        random.next() < 0.4 ? random.pick(EVERY_FAULT) : undefined;
      const { server, store, model, budget } = await setUp(
        { faultFor, latencyMs: 5, maxAttempts: 30 },
        "chat",
      );
      const answers = await model.generate(requests(80));
      expectRightAnswers(answers);
      expectBalance(model, [server], 80);
      expect(store.calls.size).toBe(80);
      expect(budget.spent.requests).toBe(server.received);
    },
  );

  it("of every answer ends with an error that says so, after a few attempts", async () => {
    const { server, store, model } = await setUp(
      { faultFor: () => "malformed-json" },
      "chat",
    );
    await expect(model.generate([request(0)])).rejects.toMatchObject({
      code: "ENDPOINT",
      message: expect.stringMatching(
        /failed after 5 attempts \(the answer is not JSON \(it begins/,
      ) as string,
    });
    expect(server.received).toBe(5);
    expect(store.calls.size).toBe(0);
  });
});

describe("a spell in which every answer is bad", () => {
  it.each(["500", "malformed-json", "reset"] as const)(
    "is waited out, longer than the attempts of one request would last: %s",
    async (name) => {
      let spellOver = Number.POSITIVE_INFINITY;
      const { server, model } = await setUp(
        {
          faultFor: (number) => {
            if (number === 20) spellOver = performance.now() + 2500;
            return number >= 20 && performance.now() < spellOver
              ? name === "500"
                ? { status: 500 }
                : name
              : undefined;
          },
          maxAttempts: 2,
        },
        "chat",
      );
      const outcomes = await askAll(model, requests(60));
      expect(outcomes.filter((outcome) => "refusal" in outcome)).toEqual([]);
      expectBalance(model, [server], 60);
      // Everybody stayed away: a few looked in now and then.
      expect(model.status().failed).toBeLessThan(30);
    },
  );

  it("ends everything when patience does, and keeps what was answered", async () => {
    const server = await startFaultServer({
      faultFor: (number) => (number >= 10 ? { status: 502 } : undefined),
    });
    opened.push({ close: () => server.kill() });
    const store = memoryStore();
    const model = openEndpoint(
      { baseUrl: server.url, model: "m", patienceMs: 1500 },
      { store, environment: {} },
    );
    opened.push(model);
    await expect(askAll(model, requests(40))).rejects.toMatchObject({
      code: "ENDPOINT",
      message: expect.stringMatching(/failed.*HTTP 502.*kept/u) as string,
      details: { failure: "again", outage: true },
    });
    expect(store.calls.size).toBe(10);
  });
});

describe("a single request that the endpoint cannot answer", () => {
  it("is given up after its attempts as something that may pass, and the others are answered", async () => {
    const { model } = await setUp(
      {
        faultFor: (_, body) => (body.seed === 7 ? { status: 500 } : undefined),
        latencyMs: 20,
        maxAttempts: 2,
      },
      "completions",
    );
    const outcomes = await askAll(model, requests(60));
    const failed = outcomes.flatMap((outcome, index) =>
      "refusal" in outcome ? [{ index, error: outcome.refusal }] : [],
    );
    expect(failed).toMatchObject([{ index: 7, error: { code: "ENDPOINT" } }]);
    expect(failed[0]?.error.details["attempts"]).toBe(2);
    expect(failed.map(({ error }) => refusalOf(error))).toEqual(["may-pass"]);
  });
});

describe("words that may mean every request, where nothing was ever answered", () => {
  const WORDS = [
    { status: 403, message: "Forbidden", kind: "wrong-key" },
    { status: 404, message: "model m not found", kind: "wrong-model" },
    { status: 400, message: "This is not a chat model", kind: "no-chat" },
  ];

  it.each(WORDS)(
    "end everything when a greeting meets them too: $message",
    async ({ status, message, kind }) => {
      const body = JSON.stringify({ error: { message } });
      const { server, model } = await setUp(
        { faultFor: () => ({ status, body }) },
        "chat",
      );
      await expect(
        withoutRefusals(model).generate(requests(2)),
      ).rejects.toMatchObject({ details: { failure: kind } });
      expect(server.received).toBe(3);
    },
  );

  it.each(WORDS)(
    "are about the one request when a greeting is answered: $message",
    async ({ status, message }) => {
      const body = JSON.stringify({ error: { message } });
      const { model } = await setUp(
        {
          faultFor: (_, asked) =>
            JSON.stringify(asked).includes("Hello")
              ? undefined
              : { status, body },
        },
        "chat",
      );
      expect(await withoutRefusals(model).generate(requests(1))).toEqual([
        [{ text: "", tokens: 0, finishReason: "stop" }],
      ]);
    },
  );
});

describe("requests that the endpoint cannot answer, with no others left", () => {
  const hopeless = (body: { readonly seed?: number }): boolean =>
    (body.seed ?? 0) < 5;
  /** Prompts of chats that arrived. */
  const said = ({ bodies }: FaultServer): readonly (string | undefined)[] =>
    bodies.map(({ messages, prompt }) => messages?.[0]?.content ?? prompt);

  it.each([
    { fault: { status: 500 }, api: "chat", before: 20 },
    { fault: "malformed-json", api: "completions", before: 20 },
    { fault: "error-inside", api: "chat", before: 0 },
    { fault: "reset", api: "completions", before: 0 },
  ] as const)(
    "are given up one by one, since the endpoint answers others: $fault after $before answers",
    async ({ fault, api, before }) => {
      const { server, model } = await setUp(
        {
          faultFor: (_, { seed, ...body }) =>
            hopeless({ seed: seed ?? 0 }) &&
            !JSON.stringify(body).includes("Hello")
              ? fault
              : undefined,
          maxAttempts: 2,
        },
        api,
      );
      if (before > 0)
        await model.generate(
          Array.from({ length: before }, (_, index) => request(100 + index)),
        );
      const outcomes = await askAll(model, requests(5));
      expect(
        outcomes.map((outcome) =>
          "refusal" in outcome ? refusalOf(outcome.refusal) : outcome,
        ),
      ).toEqual(Array.from({ length: 5 }, () => "may-pass"));
      const greetings = said(server).filter((prompt) => prompt === "Hello");
      expect(greetings.length).toBeGreaterThan(0);
      expect(greetings.length).toBeLessThanOrEqual(5);
    },
  );

  it("are given up when patience ends, where they are told to come later each time", async () => {
    const server = await startFaultServer({
      faultFor: (_, { seed, messages }) =>
        hopeless({ seed: seed ?? 0 }) && messages?.[0]?.content !== "Hello"
          ? { status: 429 }
          : undefined,
    });
    opened.push({ close: () => server.kill() });
    const model = openEndpoint(
      { baseUrl: server.url, model: "m", api: "chat", patienceMs: 800 },
      { environment: {} },
    );
    opened.push(model);
    const [outcome] = await askAll(model, requests(1));
    expect(outcome).toMatchObject({
      refusal: { code: "ENDPOINT", details: { failure: "overloaded" } },
    });
  });

  it("are an outage where the endpoint does not answer anything else either", async () => {
    const server = await startFaultServer({
      faultFor: (number) => (number >= 10 ? { status: 500 } : undefined),
    });
    opened.push({ close: () => server.kill() });
    const model = openEndpoint(
      { baseUrl: server.url, model: "m", api: "chat", patienceMs: 800 },
      { environment: {} },
    );
    opened.push(model);
    await model.generate(requests(10));
    await expect(askAll(model, requests(14).slice(10))).rejects.toMatchObject({
      code: "ENDPOINT",
      details: { outage: true },
    });
    expect(said(server)).toContain("Hello");
  });
});

describe("a storm of refusals", () => {
  it("is waited out for as long as Retry-After says", async () => {
    let stormOver = Number.POSITIVE_INFINITY;
    const early: number[] = [];
    const { server, model } = await setUp(
      {
        faultFor: (number) => {
          if (number === 0) stormOver = performance.now() + 1000;
          if (performance.now() >= stormOver) return undefined;
          early.push(number);
          return { status: 429, retryAfter: "1" };
        },
      },
      "chat",
    );
    expectRightAnswers(await model.generate(requests(30)));
    expectBalance(model, [server], 30);
    // Only those that were already under way came during the storm.
    expect(early.length).toBeLessThanOrEqual(4);
  });

  it("keeps the client within what the endpoint takes", async () => {
    const { server, model } = await setUp(
      { capacity: 8, latencyMs: 20 },
      "chat",
    );
    expectRightAnswers(await model.generate(requests(400)));
    expectBalance(model, [server], 400);
    expect(model.status().failed).toBeLessThan(40);
  });
});

describe("a server that dies", () => {
  it("and comes back in the middle of a run is waited for, and nothing answered is asked again", async () => {
    const { server, store, model } = await setUp({ latencyMs: 10 }, "chat");
    const run = model.generate(requests(200));
    while (store.calls.size < 60) await sleep(5);
    const onTheWay = model.status().inFlight;
    await server.kill();
    await sleep(700);
    const second = await startFaultServer({ latencyMs: 10, port: server.port });
    opened.push({ close: () => second.kill() });
    expectRightAnswers(await run);
    expect(store.calls.size).toBe(200);
    const { attempts, answered, failed } = model.status();
    expect(answered).toBe(200);
    expect(attempts).toBe(answered + failed);
    // Bought twice at most what was on its way when the server died.
    const twice = [...server.sold.keys()].filter((item) =>
      second.sold.has(item),
    );
    expect(twice.length).toBeLessThanOrEqual(onTheWay);
    expect([...second.sold.values()].every((count) => count === 1)).toBe(true);
  });

  it("is told of while it is waited for, with the pause", async () => {
    const server = await startFaultServer({});
    const told: EndpointTrouble[] = [];
    const model = openEndpoint(
      { baseUrl: server.url, model: "m", patienceMs: 3000 },
      {
        environment: {},
        onTrouble: (trouble) => told.push(trouble),
      },
    );
    opened.push(model);
    await model.generate(requests(3));
    await server.kill();
    await expect(model.generate(requests(3))).rejects.toThrow(
      /cannot be reached.*is kept/u,
    );
    expect(told.length).toBeGreaterThan(0);
    for (const { evidence, pauseMs } of told) {
      expect(evidence).toMatch(/ECONNREFUSED|ECONNRESET/u);
      expect(pauseMs).toBeGreaterThan(0);
    }
  });

  it("before it ever answered is given up after a few quick attempts, whatever the patience", async () => {
    const server = await startFaultServer({});
    await server.kill();
    const model = openEndpoint(
      { baseUrl: server.url, model: "m" },
      { environment: {} },
    );
    opened.push(model);
    const failure: unknown = await model
      .generate(requests(40))
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: "ENDPOINT",
      details: { failure: "unreachable" },
    });
    expect((failure as Error).message).not.toMatch(/kept/u);
    expect(model.status().attempts).toBeLessThanOrEqual(8);
  });

  it("and stays away ends the run with what was answered kept", async () => {
    const server = await startFaultServer({ latencyMs: 5 });
    const store = memoryStore();
    const model = openEndpoint(
      { baseUrl: server.url, model: "m", patienceMs: 1000 },
      { store, environment: {} },
    );
    opened.push(model);
    const run = model.generate(requests(500));
    const failure = expect(run).rejects.toMatchObject({
      code: "ENDPOINT",
      details: { failure: "unreachable" },
    });
    while (store.calls.size < 20) await sleep(2);
    await server.kill();
    await failure;
    expect(store.calls.size).toBe(model.status().answered);
  });
});

describe("a status that may be about one prompt or about everybody", () => {
  const prompted = (text: string) => ({ ...request(9), prompt: text });
  const promptOf = ({ prompt, messages }: RequestBody) =>
    prompt ?? messages?.at(-1)?.content ?? "";

  it.each([1, 2])(
    "ends the run where a greeting meets it too, after %d requests only",
    async (count) => {
      const valid = 3;
      const { model, store } = await setUp(
        {
          faultFor: (number) => (number < valid ? undefined : { status: 401 }),
        },
        "chat",
      );
      await model.generate(requests(valid));
      const outcomes = await Promise.allSettled(
        Array.from({ length: count }, (_, i) =>
          model.generate([prompted(`late ${i}`)]),
        ),
      );
      for (const outcome of outcomes) {
        expect(outcome.status).toBe("rejected");
        const reason = (outcome as PromiseRejectedResult).reason as unknown;
        expect(reason).toMatchObject({ details: { failure: "wrong-key" } });
        expect(refusalOf(reason)).toBeUndefined();
      }
      expect(store.calls.size).toBe(valid);
    },
  );

  it.each([401, 403, 404])(
    "is one prompt's where a greeting is answered: %d",
    async (status) => {
      const { model, server } = await setUp(
        {
          faultFor: (_number, body) =>
            promptOf(body).startsWith("bad") ? { status } : undefined,
        },
        "chat",
      );
      await model.generate(requests(3));
      const [bad, good] = await askAll(model, [prompted("bad"), request(5)]);
      expect(bad).toHaveProperty("refusal");
      expect(good).not.toHaveProperty("refusal");
      expect(server.received).toBe(6);
    },
  );
});
