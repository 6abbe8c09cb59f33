import { describe, expect, it } from "vitest";
import { Budget } from "./budget.js";

const PRICE = { input: 1_000_000, cachedInput: 1_000_000, output: 2_000_000 };
const FREE = { input: 0, cachedInput: 0, output: 0 };
const tokens = (promptTokens: number, completionTokens: number) => ({
  promptTokens,
  cachedPromptTokens: 0,
  completionTokens,
});

describe("Budget", () => {
  it("counts what was used, not what was set aside", async () => {
    const budget = new Budget();
    const reservation = await budget.reserve(PRICE, tokens(10, 100));
    // 10 × $1 + 5 × $2 a million tokens = 20 micros
    expect(reservation.settle(tokens(10, 5))).toBe(20);
    expect(budget.spent).toEqual({ requests: 1, tokens: 15, costMicros: 20 });
  });

  it("refuses what might cross a limit of tokens", async () => {
    const budget = new Budget({ maxTokens: 100 });
    const first = await budget.reserve(FREE, tokens(10, 50));
    first.settle(tokens(10, 50));
    await expect(budget.reserve(FREE, tokens(10, 31))).rejects.toMatchObject({
      code: "BUDGET",
      details: { limit: "tokens", spentTokens: 60 },
    });
    expect(budget.exhausted).toBeDefined();
  });

  it("lets exactly the limit through", async () => {
    const budget = new Budget({ maxTokens: 100 });
    const all = await budget.reserve(FREE, tokens(50, 50));
    all.settle(tokens(50, 50));
    expect(budget.spent.tokens).toBe(100);
  });

  it("waits for requests in flight to give back what they did not need", async () => {
    const budget = new Budget({ maxTokens: 100 });
    const first = await budget.reserve(FREE, tokens(10, 80));
    let second: unknown;
    const waiting = budget.reserve(FREE, tokens(10, 40)).then((reservation) => {
      second = reservation;
    });
    await new Promise(setImmediate);
    expect(second).toBeUndefined();
    first.settle(tokens(10, 5));
    await waiting;
    expect(second).toBeDefined();
  });

  it("lets the first request go alone where use is limited: it may use more than its maximum", async () => {
    const budget = new Budget({ maxTokens: 1000 });
    const first = await budget.reserve(FREE, tokens(10, 10));
    const others = [1, 2].map(() => budget.reserve(FREE, tokens(10, 10)));
    const firm = budget.reserve(FREE, tokens(10, 10), { isFirm: true });
    (await firm).release();
    let gone = 0;
    for (const other of others) void other.then(() => gone++);
    await new Promise(setImmediate);
    // The first is still under way.
    expect(gone).toBe(0);
    first.settle(tokens(10, 500));
    await Promise.all(others);
    expect(gone).toBe(2);
  });

  it("wakes everybody when the budget turns out to be spent", async () => {
    const budget = new Budget({ maxTokens: 100 });
    const first = await budget.reserve(FREE, tokens(10, 80));
    const refused = Promise.allSettled([
      budget.reserve(FREE, tokens(10, 40)),
      budget.reserve(FREE, tokens(10, 40)),
    ]);
    first.settle(tokens(10, 80));
    expect((await refused).map((result) => result.status)).toEqual([
      "rejected",
      "rejected",
    ]);
  });

  it("counts a request that failed, but not its tokens", async () => {
    const budget = new Budget({ maxRequests: 2 });
    (await budget.reserve(PRICE, tokens(10, 10))).release();
    expect(budget.spent).toEqual({ requests: 1, tokens: 0, costMicros: 0 });
    (await budget.reserve(PRICE, tokens(10, 10))).release();
    await expect(budget.reserve(PRICE, tokens(1, 1))).rejects.toMatchObject({
      details: { limit: "requests" },
    });
  });

  it("counts all that was set aside where the endpoint may charge it", async () => {
    const budget = new Budget();
    (await budget.reserve(PRICE, tokens(10, 10))).forfeit();
    expect(budget.spent).toEqual({ requests: 1, tokens: 20, costMicros: 30 });
  });

  it("goes on from what earlier processes have spent", async () => {
    const budget = new Budget(
      { maxCostMicros: 1000 },
      { requests: 5, tokens: 900, costMicros: 980 },
    );
    await expect(budget.reserve(PRICE, tokens(21, 0))).rejects.toThrow(
      "The limit of $0.001 is reached: $0.00098 are spent and the next request may use $0.000021. Everything bought is kept; run the same command with a higher limit to go on.",
    );
  });

  it("counts what the server charged where that is more than the price makes it", async () => {
    const budget = new Budget();
    const used = tokens(10, 5);
    expect((await budget.reserve(PRICE, used)).settle(used, 7)).toBe(20);
    expect((await budget.reserve(PRICE, used)).settle(used, 900)).toBe(900);
    expect((await budget.reserve(undefined, used)).settle(used, 40)).toBe(40);
    expect((await budget.reserve(undefined, used)).settle(used)).toBe(0);
    expect(budget.spent.costMicros).toBe(960);
  });

  it("without a price lets one request go alone, and learns what a token costs", async () => {
    const budget = new Budget({ maxCostMicros: 1000 });
    const first = await budget.reserve(undefined, tokens(10, 10));
    let others = 0;
    const waiting = [1, 2, 3].map(async () => {
      await budget.reserve(undefined, tokens(10, 10));
      others++;
    });
    await new Promise(setImmediate);
    expect(others).toBe(0);
    // 20 micros a token: the next may cost 400 each, and two of them fit.
    first.settle(tokens(5, 5), 200);
    await new Promise(setImmediate);
    expect(others).toBe(2);
    void Promise.allSettled(waiting);
  });

  it("of money buys nothing more where neither a price nor the server tells the cost", async () => {
    const budget = new Budget({ maxCostMicros: 1000 });
    const first = await budget.reserve(undefined, tokens(10, 10));
    const second = budget.reserve(undefined, tokens(10, 10));
    first.settle(tokens(5, 5));
    await expect(second).rejects.toMatchObject({
      code: "USAGE",
      message: expect.stringMatching(
        /price of the model is not known/,
      ) as string,
    });
    expect(budget.spent.requests).toBe(1);
  });
});
