/**
 * @file Judge data made in the run, with the nursery's verifier and with rankings: who
 * judges, what is kept and why, and that a killed run ends as if nothing had happened.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { EXIT_CODES } from "../../src/foundation/error.js";
import { hashFile } from "../../src/foundation/hash.js";
import { openLedger } from "../../src/ledger/ledger.js";
import { verifierNamed } from "../../src/evaluation/verifiers/verifiers.js";
import { groupByPrompt } from "../../src/rewarding/candidate.js";
import { readReport } from "../../src/reporting/report-file.js";
import { withoutTimings } from "../reporting/without-timings.js";
import { runRecipe } from "./run-recipe.js";
import { writeTinyRecipe } from "./tiny-run.js";

let workspace = "";

const SEEDS = new URL("../../nursery/seeds/", import.meta.url).pathname;

function recipeOf(name: string, over: object): string {
  const tiny = parse(readFileSync(writeTinyRecipe(workspace), "utf8")) as {
    readonly data: object;
    readonly evaluation: object;
    readonly judge: object;
    readonly teaching: object;
  };
  const path = join(workspace, `${name}.yaml`);
  const recipe = {
    ...tiny,
    rounds: 0,
    data: { ...tiny.data, heldOutRows: 6, judgeFixedRows: 4, judgeTestRows: 1 },
    teaching: { ...tiny.teaching, epochs: 4, promptWritingRows: 0 },
    evaluation: { ...tiny.evaluation, samplesPerPrompt: 0 },
    judge: { ...tiny.judge, maxTokens: 8, temperature: 1, topP: 1 },
    candidates: { n: 3, temperature: 1, topP: 1, maxTokens: 12 },
    ...over,
  };
  writeFileSync(path, stringify(recipe));
  return path;
}

async function outcomeOf(folder: string) {
  return {
    report: withoutTimings(
      await readReport(join(folder, "report.json"), "self-rewarding"),
    ),
    weights: await hashFile(join(folder, "models", "M1", "model.safetensors")),
  };
}

/** What the ledger of a run holds of its judge data. */
function recordedIn(folder: string) {
  const ledger = openLedger({ path: join(folder, "ledger.db"), mode: "read" });
  const recorded = {
    models: [...ledger.read("models")],
    prompts: new Map(
      [...ledger.read("prompts", { stage: "judge-data/prompts" })].map(
        ({ id, text }) => [id, text],
      ),
    ),
    answers: [...ledger.read("candidates", { stage: "judge-data/answers" })],
    judgements: [...ledger.read("judgements", { stage: "judge-data/scores" })],
    rejections: [...ledger.read("rejections", { stage: "judge-data/rows" })],
    taught: [...ledger.read("training_rows", { stage: "M1/teach" })],
  };
  ledger.close();
  return recorded;
}

function datasetOf(folder: string) {
  return readFileSync(join(folder, "datasets", "M1.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map(
      (line) =>
        JSON.parse(line) as {
          readonly completion: unknown;
        },
    );
}

beforeAll(() => {
  workspace = mkdtempSync(join(tmpdir(), "autodidact-judge-data-"));
});

afterAll(() => {
  rmSync(workspace, { recursive: true, force: true });
});

test("a model's own verified answers teach M1 to judge, and every count is a row", async () => {
  const recipe = recipeOf("verified", {
    judgeData: { source: "verifier", answers: 6, samples: 3 },
  });
  const folder = join(workspace, "verified");
  const { status, stderr } = runRecipe(recipe, folder);
  expect(status, stderr).toBe(0);
  const { report } = await outcomeOf(folder);
  const made = report.judgeData;
  if (made === undefined) throw new Error("the report has no judge data");
  const { models, prompts, answers, judgements, rejections, taught } =
    recordedIn(folder);

  // Who judges learnt from the IFT and EFT rows there are, as M1 does from more.
  expect(models.map(({ name }) => name)).toEqual([
    "M0",
    "judge-data-author",
    "M1",
  ]);
  const author = models[1]?.id;
  expect(answers.every(({ modelId }) => modelId === author)).toBe(true);

  // Right against wrong: of each prompt one of both was judged, three times each.
  const verifier = verifierNamed("nursery");
  const judged = new Map<number, boolean[]>();
  const ids = new Set(judgements.map(({ candidateId }) => candidateId));
  for (const { id, promptId, text, finishReason } of answers) {
    if (!ids.has(id)) continue;
    const row = { prompt: prompts.get(promptId) ?? "" };
    const verdict = verifier?.verify(row, text, finishReason === "stop");
    judged.set(promptId, [
      ...(judged.get(promptId) ?? []),
      verdict?.correct === true,
    ]);
  }
  for (const sides of judged.values())
    expect([...sides].sort()).toEqual([false, true]);
  expect(judgements).toHaveLength(judged.size * 2 * 3);
  expect(made).toMatchObject({
    source: "verifier",
    prompts: 32,
    answers: answers.length,
    rankings: judged.size,
    judgements: judgements.length,
  });

  // What was kept puts the right one above the wrong one, and is what M1 learnt.
  expect(made.agreeing).toBeGreaterThan(0);
  expect(made.rows).toBe(2 * made.agreeing);
  const own = taught.flatMap(({ candidateId }) => candidateId ?? []);
  expect(own).toHaveLength(made.kept);
  expect(
    Object.values(made.scores).reduce((sum, amount) => sum + amount, 0),
  ).toBe(made.kept);
  const rows = datasetOf(folder);
  const scoreOf = new Map(
    taught.flatMap(({ candidateId, position }) =>
      candidateId === null
        ? []
        : [
            [
              candidateId,
              Number(/\d/.exec(JSON.stringify(rows[position]?.completion))),
            ],
          ],
    ),
  );
  const byPrompt = groupByPrompt(answers.filter(({ id }) => scoreOf.has(id)));
  let compared = 0;
  for (const [promptId, pair] of byPrompt) {
    const [right, wrong] = [true, false].map((correct) =>
      pair.find(
        ({ text, finishReason }) =>
          verifier?.verify(
            { prompt: prompts.get(promptId) ?? "" },
            text,
            finishReason === "stop",
          )?.correct === correct,
      ),
    );
    if (right === undefined || wrong === undefined) continue;
    compared++;
    expect(scoreOf.get(right.id)).toBeGreaterThan(
      scoreOf.get(wrong.id) ?? Number.NaN,
    );
  }
  expect(compared).toBeGreaterThan(0);
  const rules = rejections.map(({ rule }) => rule);
  expect(rules.filter((rule) => rule === "common-score")).toHaveLength(
    made.rows - made.kept,
  );
  expect(rules.filter((rule) => rule !== "common-score")).toHaveLength(
    made.rankings - made.agreeing,
  );
  expect(
    readFileSync(join(folder, "report.html"), "utf8").replaceAll(/\s+/gu, " "),
  ).toContain("right against wrong, by the verifier");

  for (const point of ["candidates-chunk", "judgements-written"]) {
    const again = join(workspace, `killed-${point}`);
    expect(runRecipe(recipe, again, { crashAt: point }).signal).toBe("SIGKILL");
    const resumed = runRecipe(recipe, again);
    expect(resumed.status, resumed.stderr).toBe(0);
    expect(await outcomeOf(again)).toEqual(await outcomeOf(folder));
  }
});

test("rankings of people are judged as they stand in a file", async () => {
  const ranked = readFileSync(join(SEEDS, "judge-test.jsonl"), "utf8")
    .split("\n")
    .slice(6, 22)
    .flatMap((line) => {
      const { prompt, responses } = JSON.parse(line) as {
        readonly prompt: string;
        readonly responses: readonly {
          readonly response: string;
          readonly score: number;
        }[];
      };
      const best = responses[0];
      const worst = responses.at(-1);
      return [
        { prompt, response: best?.response, rank: 0 },
        { prompt, response: worst?.response, rank: 1 },
      ];
    });
  // One answer alone has no order.
  const single = { prompt: "say k", response: "k", rank: 0 };
  writeFileSync(
    join(workspace, "answers.jsonl"),
    [...ranked, single].map((row) => `${JSON.stringify(row)}\n`).join(""),
  );
  const recipe = recipeOf("ranked", {
    verifier: "none",
    judgeData: { source: "rankings", file: "answers.jsonl", samples: 4 },
  });
  const folder = join(workspace, "ranked");
  const { status, stderr } = runRecipe(recipe, folder);
  expect(status, stderr).toBe(0);
  const { report } = await outcomeOf(folder);
  const { answers, taught } = recordedIn(folder);
  expect(answers.map(({ text, modelId }) => [text, modelId])).toEqual(
    [...ranked, single].map(({ response }) => [response, null]),
  );
  expect(report.judgeData).toMatchObject({
    source: "rankings",
    prompts: 17,
    answers: 33,
    rankings: 16,
    judgements: 128,
  });
  expect(taught.filter(({ candidateId }) => candidateId !== null)).toHaveLength(
    report.judgeData?.kept ?? -1,
  );
  expect(report.judgeData?.kept).toBeGreaterThan(0);
});

test.each([
  [
    { verifier: "none", judgeData: { source: "verifier" } },
    "Say with verifier who knows which answers are right",
  ],
  [{ judgeData: { source: "rankings" } }, "judgeData.file is missing"],
  [
    { judgeData: { source: "verifier", file: "held-out.jsonl" } },
    "which is also in an evaluation file",
  ],
  [
    {
      verifier: "constraints",
      judgeData: { source: "verifier", file: "ift.jsonl" },
    },
    "ift.jsonl, line 1: the verifier “constraints” finds nothing to check",
  ],
])(
  "judge data that cannot be made are refused at once: %j",
  (over, problem) => {
    const { status, stderr } = runRecipe(
      recipeOf("refused", over),
      join(workspace, "refused"),
    );
    expect(status).toBe(EXIT_CODES.BAD_INPUT);
    expect(stderr.replaceAll(/\s+/gu, " ")).toContain(problem);
  },
);
