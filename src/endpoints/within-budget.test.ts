import { describe, expect, it } from "vitest";
import { gathered } from "../generation/gathered.js";
import type {
  GenerationRequest,
  LanguageModel,
} from "../generation/language-model.js";
import { Budget } from "./spending/budget.js";
import { withinBudget } from "./within-budget.js";

function requests(count: number): readonly GenerationRequest[] {
  return Array.from({ length: count }, (_, index) => ({
    prompt: `question ${index}`,
    n: 1,
    seed: index,
    temperature: 0,
    topP: 1,
    topK: 0,
    maxTokens: 20,
    stop: [],
  }));
}

/** Answers with 5 tokens to prompts of 10; notes how large its batches are. */
function model(): LanguageModel & { readonly batches: number[] } {
  const batches: number[] = [];
  return {
    identity: "five",
    context: { length: 100, promptTokens: () => Promise.resolve(10) },
    batches,
    generate: (asked) => {
      batches.push(asked.length);
      return Promise.resolve(
        asked.map(() => [{ text: "a", tokens: 5, finishReason: "stop" }]),
      );
    },
    score: () => Promise.resolve([]),
  };
}

/** How many of `count` requests, made at once, are answered; how it ends. */
async function outcome(limited: LanguageModel, count: number) {
  const each = await Promise.allSettled(
    requests(count).map((request) => limited.generate([request])),
  );
  const failures = each.flatMap((one) =>
    one.status === "rejected" ? [one.reason as unknown] : [],
  );
  return { answered: count - failures.length, failures };
}

describe("withinBudget", () => {
  it("answers as many requests as are allowed, together, and then says so", async () => {
    const inner = model();
    const limited = withinBudget(
      gathered(inner),
      new Budget({ maxRequests: 3 }),
    );
    const { answered, failures } = await outcome(limited, 5);
    expect(answered).toBe(3);
    expect(failures).toMatchObject([{ code: "BUDGET" }, { code: "BUDGET" }]);
    expect(inner.batches).toEqual([3]);
  });

  it("counts the tokens of prompts and answers, and sets aside what an answer may need", async () => {
    const inner = model();
    // A request may need 30 and uses 15: two fit, then one more, and none after.
    const budget = new Budget({ maxTokens: 60 });
    const { answered } = await outcome(
      withinBudget(gathered(inner), budget),
      9,
    );
    expect(answered).toBe(3);
    expect(budget.spent).toEqual({ requests: 3, tokens: 45, costMicros: 0 });
    expect(inner.batches).toEqual([2, 1]);
  });

  it("goes on from what earlier processes spent", async () => {
    const spent = { requests: 2, tokens: 30, costMicros: 0 };
    const budget = new Budget({ maxRequests: 3 }, spent);
    const { answered } = await outcome(withinBudget(model(), budget), 2);
    expect(answered).toBe(1);
  });
});
