import { describe, expect, it } from "vitest";
import type { StoredAnswer } from "./answer-store.js";
import { layeredStore } from "./layered-store.js";
import { memoryStore } from "../../test/endpoints/memory-store.js";

const call = (response: string): StoredAnswer => ({
  request: { endpoint: "e", path: "/p", body: {} },
  response,
  usage: {
    promptTokens: 0,
    cachedPromptTokens: 0,
    completionTokens: 0,
    costMicros: 0,
  },
});

describe("layeredStore", () => {
  it("keeps a purchase in both", async () => {
    const [ledger, file] = [memoryStore(), memoryStore()];
    await layeredStore(ledger, file).put("k", call("a"));
    expect([ledger.calls.size, file.calls.size]).toEqual([1, 1]);
  });

  it("completes the recording with what the ledger already had", async () => {
    const [ledger, file] = [memoryStore(), memoryStore()];
    await ledger.put("k", call("old"));
    expect(await layeredStore(ledger, file).get("k")).toEqual(call("old"));
    expect(file.calls.get("k")).toEqual(call("old"));
  });

  it("completes the ledger with what the recording already had", async () => {
    const [ledger, file] = [memoryStore(), memoryStore()];
    await file.put("k", call("old"));
    expect(await layeredStore(ledger, file).get("k")).toEqual(call("old"));
    expect(ledger.calls.get("k")).toEqual(call("old"));
  });

  it("has nothing where neither has", async () => {
    const both = layeredStore(memoryStore(), memoryStore());
    expect(await both.get("k")).toBeUndefined();
  });
});
