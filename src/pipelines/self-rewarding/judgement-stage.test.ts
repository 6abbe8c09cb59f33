import { expect, test } from "vitest";
import { temporaryLedgerPath } from "../../../test/ledger/support.js";
import { scriptedLanguageModel } from "../../generation/scripted-language-model.js";
import { openLedger, type Ledger } from "../../ledger/ledger.js";
import { selfRewardingSchema } from "../../recipes/self-rewarding.js";
import type { Candidate } from "../../rewarding/candidate.js";
import { judgementStage } from "./judgement-stage.js";

/** What the judge writes of each answer, one text a sample. */
const JUDGEMENTS: Readonly<Record<string, readonly string[]>> = {
  good: ["Fine.\nScore: 4", "  Score: 5\n", "?"],
  odd: ["?", "Score: 9", "Score: n/a"],
  unjudged: ["Score: n/a", "Score: n/a", "?"],
};

function candidatesIn(ledger: Ledger): Candidate[] {
  const stage = ledger.stage("candidates", "h");
  const [promptId = 0] = stage.insertPrompts([
    { key: "p", text: "Hi", origin: "file" },
  ]);
  const answers = Object.keys(JUDGEMENTS);
  const rowIds = stage.insert(
    "candidates",
    answers.map((text, sampleIndex) => ({
      key: text,
      promptId,
      sampleIndex,
      text,
      tokens: 1,
      finishReason: "stop" as const,
      mergedCount: 1,
    })),
  );
  stage.complete({ requested: 3, accepted: 3, rejected: 0, failed: 0 });
  return answers.map((text, i) => ({
    rowId: rowIds[i] ?? 0,
    promptId,
    prompt: "Hi",
    text,
    finished: true,
  }));
}

function authorIn(ledger: Ledger) {
  const [id, path, weightHash] = ["M1", "models/M1", "abc"];
  const stage = ledger.stage("models", "h");
  const [rowId = 0] = stage.insert("models", [
    { key: id, name: id, path, weightHash },
  ]);
  stage.complete({ requested: 1, accepted: 1, rejected: 0, failed: 0 });
  return { id, path, source: path, rowId, weightHash, parameters: 1 };
}

test("each sample of the judge is a row as it was written, and counts by itself", async () => {
  const ledger = openLedger({ path: temporaryLedgerPath(), mode: "write" });
  const candidates = candidatesIn(ledger);
  const model = scriptedLanguageModel({
    answers: ({ prompt }, sample) =>
      JUDGEMENTS[typeof prompt === "string" ? prompt : ""]?.[sample] ??
      "unasked",
  });
  const author = authorIn(ledger);
  const { judged, judgements, malformed } = await judgementStage(
    {
      recipe: selfRewardingSchema.parse({
        name: "small",
        rounds: 1,
        base: "m0",
        data: {
          ift: "ift",
          eft: "eft",
          heldOut: "held-out",
          judgeFixed: "judge-fixed",
          judgeTest: "judge-test",
        },
        judge: { template: "{response}" },
      }),
      form: { ask: (prompt) => prompt, answer: (text) => text },
      host: { withModel: (_path, use) => use(model) },
      withOutside: () => Promise.reject(new Error("nobody outside")),
      verifier: null,
      ledger,
      emit: () => undefined,
      signal: new AbortController().signal,
      now: () => 0,
    },
    { number: 1, author, frozen: author, rewardModel: null },
    candidates,
  );
  expect([judgements, malformed]).toEqual([9, 4]);
  expect(judged.map(({ score, rationale }) => [score, rationale])).toEqual([
    [4.5, "Fine."],
    [null, null],
    [null, null],
  ]);
  const rows = [...ledger.read("judgements")];
  expect(rows.map(({ raw }) => raw)).toEqual(Object.values(JUDGEMENTS).flat());
  expect(rows[1]).toMatchObject({
    key: `${candidates[0]?.rowId}/1`,
    sampleIndex: 1,
    kind: "score",
    score: 5,
    rationale: null,
  });
  expect(ledger.counts().at(-1)).toMatchObject({
    rows: 9,
    requested: 3,
    accepted: 1,
    rejected: 2,
  });
  ledger.close();
});
