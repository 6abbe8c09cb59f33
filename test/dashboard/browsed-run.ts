/**
 * @file A run folder to look at in a browser: two seeds, 24 prompts written from them, a
 * pair of each. Texts that would be markup, were they taken for it, stand among them.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Stage } from "../../src/ledger/stage.js";
import { openRun, stageOf, finish } from "./written-run.js";

/** Runs where it is taken for markup, and then names the page anew. */
export const HOSTILE = `</pre><script>document.title="owned"</script><img src=x onerror="document.title='owned'">`;

/** Prompts, and pairs, of the run. */
export const PAIRS = 24;

const STAGES = [
  "seeds",
  "M0/base",
  "round-1/prompts",
  "round-1/candidates",
  "round-1/judgements",
  "round-1/pairs",
  "round-1/train",
  "round-2/prompts",
];

function writeSeeds(stage: Stage): void {
  stage.insert(
    "seed_tasks",
    ["name a red thing", "name a blue thing"].map((instruction, i) => ({
      key: String(i),
      kind: "ift" as const,
      origin: "seeds.jsonl",
      instruction,
      output: HOSTILE,
    })),
  );
}

/** The prompt of pair `i`; the third one is hostile. */
export function promptText(i: number): string {
  return i === 2 ? HOSTILE : `name thing number ${i + 1}`;
}

function writePrompts(stage: Stage): void {
  stage.insertPrompts(
    Array.from({ length: PAIRS }, (_, i) => ({
      key: String(i),
      text: promptText(i),
      origin: "generated" as const,
      modelId: 1,
      // The first seed has one child more than the second.
      sources: [{ seedTaskId: i % 2 === 0 || i === 1 ? 1 : 2 }],
    })),
  );
}

function writeAnswers(stage: Stage): void {
  stage.insert(
    "candidates",
    Array.from({ length: 2 * PAIRS }, (_, i) => ({
      key: String(i),
      promptId: Math.floor(i / 2) + 1,
      modelId: 1,
      sampleIndex: i % 2,
      text: `answer ${i + 1} ${HOSTILE}`,
      tokens: 3,
      finishReason: "stop" as const,
      mergedCount: 1,
    })),
  );
}

function writeJudgements(stage: Stage): void {
  stage.insert(
    "judgements",
    Array.from({ length: 2 * PAIRS }, (_, i) => ({
      key: `${i}/0`,
      candidateId: i + 1,
      judge: "self",
      judgeModelId: 1,
      sampleIndex: 0,
      raw: `${HOSTILE} Score: ${i % 2 === 0 ? 4 : 2}`,
      kind: "score" as const,
      score: i % 2 === 0 ? 4 : 2,
      constrained: false,
    })),
  );
}

function writePairs(stage: Stage): void {
  stage.insert(
    "pairs",
    Array.from({ length: PAIRS }, (_, i) => ({
      key: `prompt-${i + 1}`,
      promptId: i + 1,
      chosenId: 2 * i + 1,
      rejectedId: 2 * i + 2,
      chosenScore: 4,
      rejectedScore: 2,
      margin: 2,
    })),
  );
}

function writeModel(stage: Stage, name: string, parentId?: number): void {
  stage.insert("models", [
    { key: name, name, path: name, weightHash: name, parentId },
  ]);
}

/** Answers of a model to three held-out prompts, right where `right` says so. */
function writeHeldOut(
  folder: string,
  model: string,
  right: readonly boolean[],
): void {
  const rows = right.map((correct, i) => ({
    prompt: `held-out question ${i + 1}`,
    family: "things",
    answer: "red",
    response: correct ? "red" : `wrong by ${model}`,
    tokens: 1,
    finished: true,
    score: correct ? 5 : 0,
    correct,
  }));
  mkdirSync(join(folder, "answers"), { recursive: true });
  writeFileSync(
    join(folder, "answers", `${model}.jsonl`),
    rows.map((row) => `${JSON.stringify(row)}\n`).join(""),
  );
}

export interface GoingRun {
  /** Writes one more prompt, in the stage that is open. */
  readonly addPrompt: (text: string) => void;
  /** Leaves the run as a process that ends does. */
  readonly end: () => void;
}

/** Writes the run up to its last stage, which stays open until the run is ended. */
export function beginBrowsedRun(folder: string): GoingRun {
  mkdirSync(folder, { recursive: true });
  const ledger = openRun(folder, { name: "browsed", note: HOSTILE });
  const writers: readonly ((stage: Stage) => void)[] = [
    writeSeeds,
    (stage) => {
      writeModel(stage, "M0");
    },
    writePrompts,
    writeAnswers,
    writeJudgements,
    writePairs,
    (stage) => {
      stage.insert("training_rows", [
        { key: "0", dataset: "M1.jsonl", position: 0, pairId: 1 },
      ]);
      writeModel(stage, "M1", 1);
    },
  ];
  for (const [i, write] of writers.entries()) {
    const stage = stageOf(ledger, STAGES[i] ?? "");
    write(stage);
    finish(stage);
  }
  const last = stageOf(ledger, STAGES.at(-1) ?? "");
  writeHeldOut(folder, "M0", [true, true, false]);
  writeHeldOut(folder, "M1", [true, false, true]);
  return {
    addPrompt: (text) => {
      last.insert("prompts", [{ key: text, text, origin: "generated" }]);
    },
    end: () => {
      ledger.close();
    },
  };
}

/** The same, left by its process. */
export function writeBrowsedRun(folder: string): void {
  beginBrowsedRun(folder).end();
}
