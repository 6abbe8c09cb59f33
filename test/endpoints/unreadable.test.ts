/**
 * @file What came with status 200 and cannot be read is bought once, kept and counted.
 */
import { describe, expect, it } from "vitest";
import { openEndpoint } from "../../src/endpoints/endpoint.js";
import { refusalOf } from "../../src/generation/request-refusal.js";
import {
  askAll,
  expectRightAnswers,
  opened,
  request,
  requests,
  setUp,
} from "./faulty-endpoint.js";

/** What was kept of answers that cannot be read, and what could. */
const UNREAD = [
  { fault: "no-choices", says: '"choices" is missing', mayPass: false },
  { fault: "strange-shape", says: '"choices" is missing', mayPass: false },
  { fault: "strange-coding", says: 'encoding "x-snappy"', mayPass: false },
  { fault: "plain-text", says: "not JSON", mayPass: true },
  { fault: "html", says: "a web page", mayPass: true },
  { fault: "empty-body", says: "the answer is empty", mayPass: true },
] as const;

describe("an answer that cannot be read", () => {
  it.each(UNREAD)(
    "is bought once where nothing else was answered, kept, and counted: $fault",
    async ({ fault, says }) => {
      for (const api of ["chat", "completions"] as const) {
        const { server, store, model, budget } = await setUp(
          { faultFor: () => fault },
          api,
        );
        const told: unknown[] = [];
        const options = { onUsage: (usage: unknown) => told.push(usage) };
        await expect(
          model.generate([request(0)], options),
        ).rejects.toMatchObject({
          code: "ENDPOINT",
          message: expect.stringContaining(says) as string,
          details: { failure: "unreadable", attempts: 1, status: 200 },
        });
        expect(server.received).toBe(1);
        expect(budget.spent.requests).toBe(1);
        expect(budget.spent.tokens).toBeGreaterThan(0);
        const [kept] = [...store.calls.values()];
        expect(store.calls.size).toBe(1);
        if (fault === "no-choices") {
          expect(budget.spent.tokens).toBe(15);
          expect(told).toEqual([
            { requests: 1, tokensIn: 10, tokensOut: 5, cost: 0 },
          ]);
          expect(JSON.parse(kept?.response ?? "")).toMatchObject({
            usage: { total_tokens: 15 },
          });
        }
        // Whoever comes again may have mended the server.
        await expect(model.generate([request(0)])).rejects.toThrow();
        expect(server.received).toBe(2);
      }
    },
  );

  it.each(UNREAD)(
    "costs nobody else theirs, and only what may have been lost is asked for again: $fault",
    async ({ fault, mayPass }) => {
      const { server, model } = await setUp(
        {
          // Not a greeting with its seed.
          faultFor: (_, { prompt }) =>
            prompt === "question 7" ? fault : undefined,
          latencyMs: 20,
        },
        "completions",
      );
      await model.generate([request(0)]);
      const outcomes = await askAll(model, requests(40));
      const refused = outcomes.flatMap((outcome, index) =>
        "refusal" in outcome ? [[index, refusalOf(outcome.refusal)]] : [],
      );
      expect(refused).toEqual([[7, mayPass ? "may-pass" : "final"]]);
      const bought = server.bodies.map(({ prompt }) => prompt);
      expect(bought.filter((prompt) => prompt === "question 7")).toHaveLength(
        mayPass ? 2 : 1,
      );
      expect(new Set(bought.filter((prompt) => prompt !== "Hello")).size).toBe(
        40,
      );
    },
  );

  it("that was lost on the way comes at the second time", async () => {
    const spoiled = new Set<unknown>();
    const { server, model } = await setUp(
      {
        faultFor: (number, { seed = 0 }) => {
          if (number === 0 || seed % 5 > 0 || spoiled.has(seed)) return;
          spoiled.add(seed);
          return seed % 2 === 0 ? "empty-body" : "html";
        },
      },
      "chat",
    );
    await model.generate([request(1)]);
    expectRightAnswers(await model.generate(requests(20)));
    expect(server.received).toBe(20 + spoiled.size);
  });

  it("ends a replay as it ended the recorded run", async () => {
    const { server, store, model } = await setUp(
      { faultFor: () => "strange-shape" },
      "chat",
    );
    const ended = { code: "ENDPOINT", details: { failure: "unreadable" } };
    await expect(model.generate([request(0)])).rejects.toMatchObject(ended);
    const replayed = openEndpoint(
      { baseUrl: server.url, model: "m", api: "chat" },
      { store, environment: {}, replayOf: "r.jsonl" },
    );
    opened.push(replayed);
    await expect(replayed.generate([request(0)])).rejects.toMatchObject(ended);
  });
});
