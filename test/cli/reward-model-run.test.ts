/**
 * @file The loop with a reward model for a judge, with the real binary: made of M1 by the
 * EFT rows' scores, measured, trusted; and one from an earlier run taken as it is.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { EXIT_CODES } from "../../src/foundation/error.js";
import { openLedger } from "../../src/ledger/ledger.js";
import { writeTinyRecipe } from "../resume/tiny-run.js";
import { workFolder, type WorkFolder } from "./stage-files.js";

type Tiny = Readonly<Record<"judge" | "teaching" | "prompts", object>>;

/** `epochs` of teaching: more for a run whose M1 has to write prompts. */
function recipeWith(work: WorkFolder, judge: object, epochs: number): string {
  const tiny = parse(readFileSync(writeTinyRecipe(work.path), "utf8")) as Tiny;
  const recipe = {
    ...tiny,
    rounds: 1,
    teaching: { ...tiny.teaching, epochs },
    prompts: { ...tiny.prompts, count: 12 },
    judge: { ...tiny.judge, source: "reward-model", ...judge },
    rewardTraining: { learningRate: 1e-3, batchSize: 8, maxLength: 192 },
  };
  return work.write("reward.yaml", stringify(recipe));
}

test("a reward model is made, measured and asked, and the next run can take it", async () => {
  const work = workFolder();
  const made = await work.run(
    ...["run", recipeWith(work, {}, 4), "--run-dir", "a", "--json"],
  );
  expect(made).toMatchObject({ code: 0 });
  const ledger = openLedger({ path: work.at("a/ledger.db"), mode: "read" });
  const models = [...ledger.read("models")];
  const judge = models.find(({ name }) => name === "reward-model");
  const judgements = [...ledger.read("judgements")];
  const stages = ledger.counts().map(({ name }) => name);
  ledger.close();
  expect(stages.slice(4, 8)).toEqual([
    "M1/evaluation",
    "reward-model",
    "reward-model/evaluation",
    "round-1/prompts",
  ]);
  expect(judge).toMatchObject({
    path: "models/reward-model",
    parentId: models.find(({ name }) => name === "M1")?.id,
  });
  expect(judgements.length).toBeGreaterThan(20);
  for (const { raw, score, kind, judgeModelId } of judgements) {
    expect([kind, judgeModelId]).toEqual(["score", judge?.id]);
    expect(score).toBeCloseTo(5 / (1 + Math.exp(-Number(raw))), 9);
  }
  const config = JSON.parse(
    readFileSync(work.at("a/models/reward-model/config.json"), "utf8"),
  ) as object;
  expect(config).toMatchObject({
    architectures: ["LlamaForSequenceClassification"],
  });

  // With a bar that no judge reaches the run ends at the gate, by this judge's figure.
  const taken = await work.run(
    ...[
      "run",
      recipeWith(work, { rewardModel: "a/models/reward-model", gate: 1 }, 1),
    ],
    ...["--run-dir", "b"],
  );
  expect(taken.code).toBe(EXIT_CODES.GATE);
  expect(taken.stderr).toContain("the reward model is opened");
  const measured = (
    JSON.parse(made.stdout) as { gate: { judgeAccuracy: number } }
  ).gate.judgeAccuracy;
  expect(taken.stderr).toContain(
    `in ${(100 * measured).toFixed(1)} % of the fixed set`,
  );
});
