import { expect, test } from "vitest";
import { failureOf, temporaryLedgerPath } from "../../test/ledger/support.js";
import { type Call, callKey, type CallIdentity } from "./call-cache.js";
import { openLedger } from "./ledger.js";

const IDENTITY: CallIdentity = {
  model: "small-chat",
  revision: "r1",
  endpoint: "http://localhost:8000/v1",
  prompt: [{ role: "user", content: "Name a colour." }],
  sampling: { temperature: 0.7, topP: 0.9, maxTokens: 32 },
  seed: 1,
  sampleIndex: 0,
};

function call(key: string, response: unknown): Call {
  return {
    key,
    model: "m",
    request: { p: 1 },
    response,
    tokensIn: 10,
    tokensOut: 3,
    cost: 0.25,
  };
}

test("the key changes with every part that determines the answer, and with nothing else", () => {
  const variants: CallIdentity[] = [
    IDENTITY,
    { ...IDENTITY, model: "other" },
    { ...IDENTITY, revision: null },
    { ...IDENTITY, endpoint: null },
    { ...IDENTITY, prompt: "Name a colour." },
    { ...IDENTITY, sampling: { temperature: 0.7, topP: 0.9, maxTokens: 33 } },
    { ...IDENTITY, seed: 2 },
    { ...IDENTITY, sampleIndex: 1 },
  ];
  expect(new Set(variants.map(callKey)).size).toBe(variants.length);
  const reordered = {
    ...IDENTITY,
    sampling: { maxTokens: 32, topP: 0.9, temperature: 0.7 },
  };
  expect(callKey(reordered)).toBe(callKey(IDENTITY));
});

test("refuses a key that NaN would share with null", () => {
  const failure = failureOf(() =>
    callKey({ ...IDENTITY, sampling: { temperature: Number.NaN } }),
  );
  expect(failure.code).toBe("NUMERIC");
});

test("gives back the raw answer, also in a later process", () => {
  const path = temporaryLedgerPath();
  const raw = {
    choices: [{ text: "a\0b\ud800" }],
    usage: { completion_tokens: 3 },
  };
  const first = openLedger({ path, mode: "write" });
  first.calls.record([call("k1", raw)]);
  first.close();
  const second = openLedger({ path, mode: "write" });
  expect(second.calls.get("k1")).toEqual(call("k1", raw));
  expect(second.calls.get("k2")).toBeUndefined();
  second.close();
});

test("keeps the first answer under a key, and counts it once", () => {
  const ledger = openLedger({ path: temporaryLedgerPath(), mode: "write" });
  ledger.calls.record([call("k1", "blue"), call("k2", "red")]);
  ledger.calls.record([call("k1", "green")]);
  expect(ledger.calls.get("k1")?.response).toBe("blue");
  expect(ledger.calls.totals()).toEqual({
    calls: 2,
    failures: 0,
    tokensIn: 20,
    tokensOut: 6,
    cost: 0.5,
  });
  ledger.close();
});

test("a failure is kept apart and never becomes an answer", () => {
  const ledger = openLedger({ path: temporaryLedgerPath(), mode: "write" });
  const failure = {
    key: "k1",
    model: "m",
    request: {},
    code: "http-429",
    message: "slow down",
  };
  ledger.calls.recordFailures([failure, { ...failure, code: "timeout" }]);
  expect(ledger.calls.get("k1")).toBeUndefined();
  expect(ledger.calls.failures("k1").map(({ code }) => code)).toEqual([
    "http-429",
    "timeout",
  ]);
  expect(ledger.calls.totals()).toMatchObject({ calls: 0, failures: 2 });
  ledger.close();
});

test("stores all answers of a batch or none", () => {
  const ledger = openLedger({ path: temporaryLedgerPath(), mode: "write" });
  const bad = { ...call("k2", "x"), tokensIn: 1.5 };
  expect(
    failureOf(() => {
      ledger.calls.record([call("k1", "x"), bad]);
    }).code,
  ).toBe("LEDGER");
  expect(ledger.calls.totals().calls).toBe(0);
  ledger.close();
});
