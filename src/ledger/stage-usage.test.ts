import { expect, test } from "vitest";
import { temporaryLedgerPath } from "../../test/ledger/support.js";
import type { StoredAnswer } from "../answers/answer-store.js";
import { LedgerDatabase } from "./database.js";
import { openLedger } from "./ledger.js";
import { MIGRATIONS } from "./migrations.js";
import { migrate } from "./schema.js";

function answer(promptTokens: number, completionTokens: number): StoredAnswer {
  return {
    request: { endpoint: "http://h/v1", path: "/completions", body: {} },
    response: "{}",
    usage: {
      promptTokens,
      cachedPromptTokens: 0,
      completionTokens,
      costMicros: 5,
    },
  };
}

const asked = { requests: 2, tokensIn: 30, tokensOut: 8, cost: 0 };
const nothing = { requested: 0, accepted: 0, rejected: 0, failed: 0 };
const seed = (key: string) => ({
  key,
  kind: "ift" as const,
  origin: "o",
  instruction: "i",
});

test("kept answers count for the stage that was open, before any for the probe", () => {
  const ledger = openLedger({ path: temporaryLedgerPath(), mode: "write" });
  ledger.answers.put("k1", answer(10, 1));
  ledger.stage("a", "h").complete(nothing);
  const second = ledger.stage("b", "h");
  ledger.answers.put("k2", answer(20, 2));
  ledger.answers.put("k3", answer(30, 3));
  ledger.answers.put("k1", answer(10, 1));
  second.complete(nothing);
  expect(ledger.usage()).toEqual([
    { stage: "probe", requests: 1, tokensIn: 10, tokensOut: 1, cost: 5 },
    { stage: "b", requests: 2, tokensIn: 50, tokensOut: 5, cost: 10 },
  ]);
  const fresh = ledger.renew({});
  expect(fresh.usage()).toEqual([]);
  fresh.close();
});

test("a renewed ledger keeps whose answers they were and the time worked", () => {
  let now = 0;
  const clock = { now: () => 0, monotonic: () => now };
  const path = temporaryLedgerPath();
  const ledger = openLedger({ path, mode: "write", clock });
  ledger.recordRun({
    recipe: { accept: 1 },
    seed: 1,
    environment: {
      packageVersion: "1",
      nodeVersion: "1",
      onnxruntimeVersion: "1",
      machine: "m",
      gitCommit: null,
    },
  });
  const stage = ledger.stage("a", "h");
  ledger.answers.put("k", answer(10, 1));
  now = 4000;
  stage.complete(nothing);
  const before = ledger.usage();
  const fresh = ledger.renew({ accept: 2 }).renew({ accept: 3 });
  expect(fresh.usage()).toEqual(before);
  fresh.stage("a", "h");
  expect(fresh.counts()[0]?.seconds).toBe(4);
  fresh.close();
});

test("what is asked for rows that are there already is not counted again", () => {
  const path = temporaryLedgerPath();
  const killed = openLedger({ path, mode: "write" });
  const first = killed.stage("a", "h");
  killed.spend(asked);
  first.insert("seed_tasks", [seed("1")]);
  killed.spend(asked);
  killed.close();
  const again = openLedger({ path, mode: "write" });
  const stage = again.stage("a", "h");
  again.spend(asked);
  stage.insert("seed_tasks", [seed("1")]);
  again.spend(asked);
  stage.insert("seed_tasks", [seed("2")]);
  again.spend({ ...asked, requests: 1 });
  stage.complete(nothing);
  expect(again.usage()).toEqual([
    { stage: "a", requests: 5, tokensIn: 90, tokensOut: 24, cost: 0 },
  ]);
  again.close();
});

test("a ledger of before opens, and says of its answers that nobody knows their stage", () => {
  const path = temporaryLedgerPath();
  const database = new LedgerDatabase(path, "read-write");
  migrate(
    database,
    MIGRATIONS.slice(
      0,
      MIGRATIONS.findIndex(({ name }) => name === "usage-by-stage"),
    ),
  );
  database.run(
    "INSERT INTO calls (key, model, request, response, tokens_in, tokens_out, cost) VALUES ('k', 'm', '{}', '{}', 7, 3, 0)",
  );
  database.close();
  const ledger = openLedger({ path, mode: "write" });
  expect(ledger.usage()).toEqual([
    {
      stage: "before this version",
      requests: 1,
      tokensIn: 7,
      tokensOut: 3,
      cost: 0,
    },
  ]);
  ledger.close();
});
