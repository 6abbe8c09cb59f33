/**
 * @file A run folder whose ledger is written by hand: three seeds, two generations of
 * prompts, judged answers, pairs and what was trained on them.
 */
import { join } from "node:path";
import { openLedger, type Ledger } from "../../src/ledger/ledger.js";
import { ENVIRONMENT, temporaryFolder } from "../ledger/support.js";

export interface MadeRun {
  readonly id: string;
  readonly folder: string;
}

/** Writes what `write` does into the ledger of a run folder that goes with the test. */
export function madeRun(
  write: (ledger: Ledger) => void,
  recipe: object = {},
): MadeRun {
  const folder = temporaryFolder();
  const run = { id: "made", folder };
  const ledger = openLedger({ path: join(folder, "ledger.db"), mode: "write" });
  ledger.recordRun({ recipe, seed: 1, environment: ENVIRONMENT });
  write(ledger);
  ledger.close();
  return run;
}

/** More rows for a run made before. */
export function addToRun(run: MadeRun, write: (ledger: Ledger) => void): void {
  const path = join(run.folder, "ledger.db");
  const ledger = openLedger({ path, mode: "write" });
  write(ledger);
  ledger.close();
}

const counts = { requested: 0, accepted: 0, rejected: 0, failed: 0 };

/** Seeds 1–3; prompts 1 (of seeds 1, 2) and 2 (of prompt 1 and seed 3); answers 1–4. */
export function writeFamily(ledger: Ledger): void {
  const seeds = ledger.stage("seeds", "h");
  seeds.insert(
    "seed_tasks",
    ["red", "green", "blue"].map((colour) => ({
      key: colour,
      kind: "ift" as const,
      origin: "seeds.jsonl",
      instruction: `name a ${colour} thing`,
    })),
  );
  seeds.complete(counts);
  const base = ledger.stage("M0/base", "h");
  base.insert("models", [
    { key: "M0", name: "M0", path: "m0", weightHash: "a" },
  ]);
  base.complete(counts);
  const prompts = ledger.stage("round-1/prompts", "h");
  prompts.insertPrompts([
    {
      key: "p1",
      text: "name a warm thing",
      origin: "generated",
      modelId: 1,
      sources: [{ seedTaskId: 1 }, { seedTaskId: 2 }],
    },
  ]);
  prompts.insertPrompts([
    {
      key: "p2",
      text: "name a cold thing",
      origin: "generated",
      modelId: 1,
      sources: [{ sourcePromptId: 1 }, { seedTaskId: 3 }],
    },
  ]);
  prompts.insert("rejections", [
    {
      key: "r1",
      subject: "prompt",
      text: "name a red thing!",
      rule: "novelty",
      nearestTable: "seed_tasks",
      nearestId: 1,
      score: 0.9,
    },
  ]);
  prompts.complete(counts);
  writeAnswers(ledger);
}

function writeAnswers(ledger: Ledger): void {
  const answers = ledger.stage("round-1/candidates", "h");
  answers.insert(
    "candidates",
    ["fire", "ice", "ice", "snow"].map((text, i) => ({
      key: `${i}`,
      promptId: i < 2 ? 1 : 2,
      modelId: 1,
      sampleIndex: i % 2,
      text,
      tokens: text.length,
      finishReason: "stop" as const,
      mergedCount: 1,
    })),
  );
  answers.complete(counts);
  const judged = ledger.stage("round-1/judgements", "h");
  judged.insert(
    "judgements",
    [5, 1, 4, null].map((score, i) => ({
      key: `${i}/0`,
      candidateId: i + 1,
      judge: "self",
      judgeModelId: 1,
      sampleIndex: 0,
      raw: score === null ? "no idea" : `Because. Score: ${score}`,
      kind: score === null ? ("malformed" as const) : ("score" as const),
      score,
      constrained: i === 1,
    })),
  );
  judged.complete(counts);
  const pairs = ledger.stage("round-1/pairs", "h");
  pairs.insert("pairs", [
    {
      key: "prompt-1",
      promptId: 1,
      chosenId: 1,
      rejectedId: 2,
      chosenScore: 5,
      rejectedScore: 1,
      margin: 4,
    },
  ]);
  pairs.complete(counts);
  const training = ledger.stage("round-1/train", "h");
  training.insert("training_rows", [
    { key: "0", dataset: "M1.jsonl", position: 0, pairId: 1 },
  ]);
  training.insert("models", [
    { key: "M1", name: "M1", path: "m1", weightHash: "b", parentId: 1 },
  ]);
  training.complete(counts);
  const measured = ledger.stage("M1/evaluation", "h");
  measured.insert("evaluations", [
    { key: "m", modelId: 2, name: "measurement", result: { mean: 1 } },
  ]);
  measured.complete(counts);
}
