/**
 * @file Every row of a run can be followed back to the seed tasks it came from.
 */
import { expect, test } from "vitest";
import { failureOf, temporaryLedgerPath } from "./support.js";
import { openLedger } from "../../src/ledger/ledger.js";
import { lineage } from "./lineage.js";
import type { NewRow } from "../../src/ledger/records.js";

/**
 * Seeds s1 … s4 (ids 1 … 4). Prompt a was written from s1 and s2, prompt b from a
 * and s2, prompt c from b and a and s3; s4 was never shown. The pair answers c.
 */
function recordedRun(): ReturnType<typeof openLedger> {
  const ledger = openLedger({ path: temporaryLedgerPath(), mode: "write" });
  const stage = ledger.stage("everything", "h");
  const seed = (key: string): NewRow<"seed_tasks"> => ({
    key,
    kind: "ift",
    origin: "seeds.jsonl",
    instruction: key,
  });
  const [s1, s2, s3, s4] = stage.insert(
    "seed_tasks",
    ["s1", "s2", "s3", "s4"].map(seed),
  ) as [number, number, number, number];
  const [m1] = stage.insert("models", [
    { key: "M1", name: "M1", path: "models/M1", weightHash: "abc" },
  ]) as [number];
  const prompt = { origin: "generated", modelId: m1 } as const;
  const [a] = stage.insertPrompts([
    {
      ...prompt,
      key: "a",
      text: "a",
      sources: [{ seedTaskId: s1 }, { seedTaskId: s2 }],
    },
  ]) as [number];
  const [b] = stage.insertPrompts([
    {
      ...prompt,
      key: "b",
      text: "b",
      sources: [{ sourcePromptId: a }, { seedTaskId: s2 }],
    },
  ]) as [number];
  const [c] = stage.insertPrompts([
    {
      ...prompt,
      key: "c",
      text: "c",
      sources: [
        { sourcePromptId: b },
        { sourcePromptId: a },
        { seedTaskId: s3 },
      ],
    },
  ]) as [number];
  const candidate = {
    promptId: c,
    modelId: m1,
    tokens: 1,
    finishReason: "stop",
    mergedCount: 1,
  } as const;
  const [good, bad] = stage.insert("candidates", [
    { ...candidate, key: "0", sampleIndex: 0, text: "good" },
    { ...candidate, key: "1", sampleIndex: 1, text: "bad" },
  ]) as [number, number];
  const judgement = {
    judge: "self",
    judgeModelId: m1,
    raw: "",
    constrained: false,
    kind: "score",
  } as const;
  stage.insert("judgements", [
    { ...judgement, key: "0/0", candidateId: good, sampleIndex: 0, score: 5 },
    { ...judgement, key: "0/1", candidateId: good, sampleIndex: 1, score: 4 },
    { ...judgement, key: "1/0", candidateId: bad, sampleIndex: 0, score: 1 },
  ]);
  const [pair] = stage.insert("pairs", [
    {
      key: "c",
      promptId: c,
      chosenId: good,
      rejectedId: bad,
      chosenScore: 4.5,
      rejectedScore: 1,
      margin: 3.5,
    },
  ]) as [number];
  stage.insert("training_rows", [
    { key: "dpo/0", dataset: "round-1.jsonl", position: 0, pairId: pair },
    { key: "best/0", dataset: "best.jsonl", position: 0, candidateId: good },
    { key: "ift/0", dataset: "sft.jsonl", position: 0, seedTaskId: s4 },
  ]);
  return ledger;
}

test("a line of preference data leads back to every seed task behind it, through prompts of prompts", () => {
  const ledger = recordedRun();
  const found = lineage(ledger, { trainingRowId: 1 });
  expect(found.trainingRow?.dataset).toBe("round-1.jsonl");
  expect(found.pair?.margin).toBe(3.5);
  expect(found.prompts.map(({ text }) => text)).toEqual(["c", "b", "a"]);
  expect(found.seedTasks.map(({ key }) => key)).toEqual(["s1", "s2", "s3"]);
  expect(
    found.candidates.map(({ candidate, model, judgements }) => [
      candidate.text,
      model?.name,
      judgements.map(({ score }) => score),
    ]),
  ).toEqual([
    ["good", "M1", [5, 4]],
    ["bad", "M1", [1]],
  ]);
  expect(lineage(ledger, { pairId: 1 })).toEqual({
    ...found,
    trainingRow: null,
  });
  ledger.close();
});

test("a supervised line made from a model's own answer leads back as well", () => {
  const ledger = recordedRun();
  const found = lineage(ledger, { trainingRowId: 2 });
  expect(found.pair).toBeNull();
  expect(found.candidates.map(({ candidate }) => candidate.text)).toEqual([
    "good",
  ]);
  expect(found.seedTasks.map(({ key }) => key)).toEqual(["s1", "s2", "s3"]);
  ledger.close();
});

test("a seed example used as it stands leads to itself", () => {
  const ledger = recordedRun();
  const found = lineage(ledger, { trainingRowId: 3 });
  expect([found.prompts, found.candidates]).toEqual([[], []]);
  expect(found.seedTasks.map(({ key }) => key)).toEqual(["s4"]);
  ledger.close();
});

test("a row that is not there is an error that names it", () => {
  const ledger = recordedRun();
  expect(failureOf(() => lineage(ledger, { pairId: 9 })).message).toContain(
    "row 9 in pairs",
  );
  ledger.close();
});

test("a prompt cannot be written from itself or from a later one", () => {
  const ledger = openLedger({ path: temporaryLedgerPath(), mode: "write" });
  const stage = ledger.stage("prompts", "h");
  const [a] = stage.insertPrompts([
    { key: "a", text: "a", origin: "file" },
  ]) as [number];
  const failure = failureOf(() =>
    stage.insert("prompt_sources", [
      { key: "x", promptId: a, position: 0, sourcePromptId: a },
    ]),
  );
  expect(failure.code).toBe("LEDGER");
  ledger.close();
});
