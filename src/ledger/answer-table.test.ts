import { expect, test } from "vitest";
import { failureOf, temporaryLedgerPath } from "../../test/ledger/support.js";
import type { StoredAnswer } from "../answers/answer-store.js";
import { openLedger } from "./ledger.js";

function answer(response: string, promptTokens = 10): StoredAnswer {
  return {
    request: {
      endpoint: "http://h/v1",
      path: "/completions",
      body: { model: "m", prompt: "Name a colour.\0", n: 1 },
    },
    response,
    usage: {
      promptTokens,
      cachedPromptTokens: 4,
      completionTokens: 3,
      costMicros: 250,
    },
  };
}

test("gives back the raw answer, also in a later process", () => {
  const path = temporaryLedgerPath();
  const raw = answer('{"choices":[{"text":"a\0b\ud800"}]}');
  const first = openLedger({ path, mode: "write" });
  first.answers.put("k1", raw);
  first.close();
  const second = openLedger({ path, mode: "write" });
  expect(second.answers.get("k1")).toEqual(raw);
  expect(second.answers.get("k2")).toBeUndefined();
  second.close();
});

test("keeps the first answer under a key, and counts it once", () => {
  const ledger = openLedger({ path: temporaryLedgerPath(), mode: "write" });
  const { answers } = ledger;
  answers.put("k2", answer("red"));
  answers.put("k1", answer("blue"));
  answers.put("k1", answer("green"));
  expect([...answers.all()]).toEqual([
    ["k1", answer("blue")],
    ["k2", answer("red")],
  ]);
  expect(answers.totals()).toEqual({
    calls: 2,
    tokensIn: 20,
    tokensOut: 6,
    cost: 500,
  });
  ledger.close();
});

test("refuses a count that is none", () => {
  const ledger = openLedger({ path: temporaryLedgerPath(), mode: "write" });
  expect(
    failureOf(() => {
      ledger.answers.put("k1", answer("x", 1.5));
    }).code,
  ).toBe("LEDGER");
  expect(ledger.answers.totals().calls).toBe(0);
  ledger.close();
});
