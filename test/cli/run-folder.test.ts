/**
 * @file What is asked of a run folder afterwards, or meanwhile: `status`, `report`,
 * `export`, with the real binary.
 */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { describe, expect, test } from "vitest";
import { openLedger } from "../../src/ledger/ledger.js";
import { recordPlan } from "../../src/pipelines/run/plan.js";
import { loopStages } from "../../src/pipelines/self-rewarding/run.js";
import { loadRecipe } from "../../src/recipes/load-recipe.js";
import { selfRewardingSchema } from "../../src/recipes/self-rewarding.js";
import { writeReport } from "../../src/reporting/report-file.js";
import {
  runLine,
  runLines,
} from "../../src/reporting/self-rewarding/run-line.js";
import { terminalSummary } from "../../src/reporting/self-rewarding/terminal-summary.js";
import { ENVIRONMENT } from "../ledger/support.js";
import { goodReport } from "../reporting/sample-reports.js";
import { ROOT } from "./program.js";
import { workFolder, type WorkFolder } from "./stage-files.js";

const MESSAGES = {
  prompt: [{ role: "user", content: "Name a colour." }],
  completion: [{ role: "assistant", content: "blue" }],
};
const PAIR = {
  prompt: MESSAGES.prompt,
  chosen: MESSAGES.completion,
  rejected: [{ role: "assistant", content: "seven" }],
};

function runData(work: WorkFolder): void {
  work.write("datasets/M1.jsonl", [
    MESSAGES,
    { prompt: "The sky is", completion: " blue", weight: 3 },
  ]);
  work.write("datasets/M2.jsonl", [PAIR]);
  work.write("datasets/M3.jsonl", [PAIR, PAIR]);
}

describe("status", () => {
  test("of a run that is going on shows what is done, how far it is and what comes next", async () => {
    const work = workFolder();
    const recipe = await loadRecipe(
      `${ROOT}/recipes/nursery.yaml`,
      selfRewardingSchema,
    );
    const stages = loopStages(recipe);
    const [first = "", second = "", third = ""] = stages;
    // The writer stays open while the binary reads.
    const ledger = openLedger({ path: work.at("ledger.db"), mode: "write" });
    ledger.recordRun({ recipe, seed: 7, environment: ENVIRONMENT });
    recordPlan(ledger, stages);
    ledger
      .stage(first, "h")
      .complete({ requested: 5, accepted: 3, rejected: 2, failed: 0 });
    const base = ledger.stage(second, "h");
    base.insert("models", [
      {
        key: "M0",
        name: "M0",
        path: "base",
        weightHash: "w",
        parentId: null,
        evidence: null,
      },
    ]);
    const { code, stdout, stderr } = await work.run("status", work.path);
    const asJson = await work.run("status", work.path, "--json");
    ledger.close();
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    // 2 + 3 stages before the rounds, 2 rounds of 6, 2 at the end; one is done.
    const ahead = 5 + 2 * 6 + 2 - 1;
    expect(stdout.replace(/begun \S+Z/, "begun T")).toBe(
      [
        `${work.path}: nursery, seed 7, begun T`,
        "",
        "stage     requested  accepted  rejected    failed   pending",
        "seeds             5         3         2         0         0",
        "M0/base  not finished, 1 row so far",
        "",
        "M0: base",
        `Next: ${second}, then ${third}; ${ahead} stages to come`,
        "",
      ].join("\n"),
    );
    expect(JSON.parse(asJson.stdout)).toMatchObject({
      name: "nursery",
      seed: 7,
      stages: [
        { name: "seeds", status: "complete" },
        { name: "M0/base", status: "open" },
      ],
      models: [{ id: "M0", path: "base" }],
    });
  });

  test("of a comparison shows a line for each run, in the order of the recipe", async () => {
    const work = workFolder();
    // "self" is the recipe's first arm and was begun first; "random" has begun nothing.
    for (const name of ["self-seed-1", "frozen-seed-1", "random-seed-1"]) {
      const ledger = openLedger({
        path: work.at(`${name}/ledger.db`),
        mode: "write",
      });
      if (name !== "random-seed-1") {
        ledger.recordRun({ recipe: {}, seed: 1, environment: ENVIRONMENT });
        ledger
          .stage("seeds", "h")
          .complete({ requested: 1, accepted: 1, rejected: 0, failed: 0 });
        await sleep(5);
      }
      ledger.close();
    }
    await writeReport(work.at("self-seed-1"), goodReport());
    const { stdout } = await work.run("status", work.path);
    expect(stdout).toBe(
      [
        `${work.path}: 2 of 3 runs done`,
        `  self-seed-1    ${runLine(goodReport())}`,
        "  frozen-seed-1  Every stage that was begun is done.",
        "  random-seed-1  Nothing is done yet.",
        "",
        `The stages of one: autodidact status ${work.at("self-seed-1")}`,
        "",
        `${work.at("random-seed-1")}: begun, nothing recorded yet`,
        "Nothing is done yet.",
        "",
      ].join("\n"),
    );
    const one = await work.run("status", work.at("self-seed-1"));
    expect(one.stdout.split("\n")[1]).toBe(runLine(goodReport()));
  });
});

test("report draws the page anew from the numbers and prints the summary", async () => {
  const work = workFolder();
  const report = goodReport();
  await writeReport(work.path, report);
  const page = readFileSync(work.at("report.html"), "utf8");
  work.write("report.html", "torn");
  const numbers = readFileSync(work.at("report.json"), "utf8");
  const { code, stdout } = await work.run("report", work.path);
  expect(code).toBe(0);
  expect(stdout).toBe(
    `${terminalSummary(report)}\n\n${runLines(report).join("\n")}\n\nReport: ${work.at("report.html")}\n`,
  );
  expect(readFileSync(work.at("report.html"), "utf8")).toBe(page);
  expect(readFileSync(work.at("report.json"), "utf8")).toBe(numbers);
});

describe("export", () => {
  test("writes the pairs of all rounds", async () => {
    const work = workFolder();
    runData(work);
    const { stdout } = await work.run(
      ...["export", "--run", ".", "--format", "dpo", "--out", "all.jsonl"],
    );
    expect(work.rows("all.jsonl")).toEqual([PAIR, PAIR, PAIR]);
    expect(stdout).toBe(
      "3 rows of datasets/M2.jsonl, datasets/M3.jsonl as dpo: all.jsonl\n",
    );
  });

  test.each([
    [
      "alpaca",
      [
        { instruction: "Name a colour.", input: "", output: "blue" },
        { instruction: "The sky is", input: "", output: " blue", weight: 3 },
      ],
    ],
    [
      "messages",
      [
        { messages: [...MESSAGES.prompt, ...MESSAGES.completion] },
        {
          messages: [
            { role: "user", content: "The sky is" },
            { role: "assistant", content: " blue" },
          ],
          weight: 3,
        },
      ],
    ],
    [
      "prompt-completion",
      [MESSAGES, { prompt: "The sky is", completion: " blue", weight: 3 }],
    ],
  ])("writes the answers of a run as %s", async (format, rows) => {
    const work = workFolder();
    runData(work);
    const { code } = await work.run(
      ...["export", "--run", ".", "--format", format, "--out", "out"],
    );
    expect(code).toBe(0);
    expect(
      format === "alpaca"
        ? JSON.parse(readFileSync(work.at("out"), "utf8"))
        : work.rows("out"),
    ).toEqual(rows);
  });

  test("writes one data set as Parquet, and asks which when there are two kinds", async () => {
    const work = workFolder();
    runData(work);
    const parquet = ["export", "--run", ".", "--format", "parquet"];
    const unclear = await work.run(...parquet, "--out", "out");
    expect(unclear).toEqual({
      code: 3,
      stdout: "",
      stderr:
        "datasets has M1.jsonl (supervised), M2.jsonl (preference), M3.jsonl (preference), which do not fit into one Parquet file. Choose one with --dataset.\n",
    });
    await work.run(...parquet, "--dataset", "M3", "--out", "m3.parquet");
    const file = await asyncBufferFromFile(work.at("m3.parquet"));
    expect(await parquetReadObjects({ file })).toEqual([PAIR, PAIR]);
  });

  test("takes a file of Alpaca rows to prompt and completion and back", async () => {
    const work = workFolder();
    const alpaca = [{ instruction: "Add.", input: "1 1", output: "2" }];
    work.write("in.json", JSON.stringify(alpaca));
    await work.run(
      ...["export", "--data", "in.json", "--format", "prompt-completion"],
      ...["--out", "pc.jsonl"],
    );
    expect(work.rows("pc.jsonl")).toEqual([
      {
        prompt: [{ role: "user", content: "Add.\n\n1 1" }],
        completion: [{ role: "assistant", content: "2" }],
      },
    ]);
    await work.run(
      ...["export", "--data", "pc.jsonl", "--format", "alpaca"],
      ...["--out", "back.json"],
    );
    expect(JSON.parse(readFileSync(work.at("back.json"), "utf8"))).toEqual([
      { instruction: "Add.\n\n1 1", input: "", output: "2" },
    ]);
  });
});
