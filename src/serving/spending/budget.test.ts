import { describe, expect, it } from "vitest";
import { Budget } from "./budget.js";
import { FREE } from "./prices.js";

const PRICE = { input: 1_000_000, cachedInput: 1_000_000, output: 2_000_000 };
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
      details: { flag: "--max-tokens-total", spentTokens: 60 },
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
      details: { flag: "--max-requests" },
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
      "The limit of $0.001 is reached: $0.00098 are spent and the next request may use $0.000021. Everything bought is kept; run the same command with a higher --max-cost to go on.",
    );
  });
});
