/** @file The verdict, its words on the terminal, and the files, over whole reports. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type {
  GainReport,
  RunReport,
} from "../../src/reporting/self-rewarding/schema.js";
import { readReport, writeReport } from "../../src/reporting/report-file.js";
import { withoutTimings } from "./without-timings.js";
import { comparisonOf } from "../../src/reporting/self-rewarding/comparison.js";
import { renderReport } from "../../src/reporting/self-rewarding/page.js";
import { terminalSummary } from "../../src/reporting/self-rewarding/terminal-summary.js";
import { runVerdict } from "../../src/reporting/self-rewarding/verdict.js";
import {
  armsReport,
  gatedReport,
  goodReport,
  outsideReport,
  selfDeceivingReport,
} from "./sample-reports.js";

/** The good report with another M3 − M1 difference in greedy accuracy. */
function withGain(low: number, mean: number, high: number): RunReport {
  const report = goodReport();
  const changed = (gain: GainReport): GainReport =>
    gain.from === "M1" && gain.to === "M3"
      ? { ...gain, accuracy: { low, mean, high } }
      : gain;
  return { ...report, warnings: [], gains: report.gains.map(changed) };
}

describe("verdictOf", () => {
  test("calls a gain whose interval excludes zero an improvement", () => {
    const verdict = runVerdict(withGain(0.001, 0.03, 0.06));
    expect(verdict.kind).toBe("improved");
    expect(verdict.sentences[0]).toMatch(
      /^M3 answers \d+\.\d % right, M1 \d+\.\d %: \+3\.0 points \[0\.1, 6\.0\]\.$/,
    );
  });

  test("does not call a gain whose interval touches zero an improvement", () => {
    expect(runVerdict(withGain(0, 0.03, 0.06)).kind).toBe("unclear");
    expect(runVerdict(withGain(-0.05, -0.02, 0.01)).kind).toBe("unclear");
  });

  test("calls a loss that excludes zero worse", () => {
    expect(runVerdict(withGain(-0.08, -0.05, -0.02)).kind).toBe("worse");
  });

  test("says that a run is fooling itself when reward rose and truth fell", () => {
    const verdict = runVerdict(selfDeceivingReport());
    expect(verdict.kind).toBe("fooling-itself");
    expect(verdict.sentences.join(" ")).toMatch(
      /Reward up, truth down: it rates its own answers 3\.\d\d of 5, up from 2\.\d\d; the verifier gives them 3\.\d\d, down from 3\.\d\d\./,
    );
  });

  test("does not call a run that ended better self-deceived for a dip on the way", () => {
    const report = withGain(0.01, 0.03, 0.05);
    const dipped: RunReport = {
      ...report,
      warnings: [
        { code: "reward-hacking", where: "M2", sentence: "", evidence: {} },
      ],
    };
    expect(runVerdict(dipped).kind).toBe("improved");
  });

  test("says that the gate refused to begin", () => {
    const verdict = runVerdict(gatedReport());
    expect(verdict.kind).toBe("gated");
    expect(verdict.sentences[0]).toContain("the recipe asks for at least 80 %");
  });

  test("measures the model that the stop rule kept, not the one it refused", () => {
    const stopped: RunReport = {
      ...goodReport(),
      stop: {
        kept: "M2",
        reasons: [
          {
            bound: "judgeFall",
            where: "M3",
            sentence: "M3 judges worse.",
            value: 0.2,
            limit: 0.1,
          },
        ],
      },
    };
    const verdict = runVerdict(stopped);
    expect(verdict.last?.id).toBe("M2");
    expect(verdict.gain?.to).toBe("M2");
    expect(verdict.sentences.at(-1)).toBe(
      "The stop rule ended the run and M2 is kept: M3 judges worse.",
    );
    const atOnce: RunReport = {
      ...stopped,
      stop: { kept: "M1", reasons: [] },
    };
    expect(runVerdict(atOnce).kind).toBe("stopped");
  });

  test("does not judge a run that nobody verified", () => {
    const report = goodReport();
    const blind: RunReport = {
      ...report,
      gains: [],
      models: report.models.map((model) => ({
        ...model,
        accuracy: null,
        score: null,
        sampled: null,
        self:
          model.self === null
            ? null
            : { ...model.self, truth: null, gap: null },
      })),
    };
    const verdict = runVerdict(blind);
    expect(verdict.kind).toBe("unmeasured");
    expect(verdict.sentences[0]).toContain("not whether it is right");
  });

  test("says that no round was run where M1 is all there is", () => {
    const report = goodReport();
    const verdict = runVerdict({
      ...report,
      models: report.models.slice(0, 2),
      gains: [],
      rounds: [],
      warnings: [],
    });
    expect(verdict.title).toBe("No round was run.");
    expect(verdict.sentences.join(" ")).toContain("M1 answers");
  });

  test("does not call equal numbers a rise", () => {
    const report = goodReport();
    const [base, first, second] = report.models;
    if (base === undefined || first === undefined || second === undefined)
      throw new Error("the sample report has too few models");
    const verdict = runVerdict({
      ...report,
      models: [base, first, { ...second, self: first.self }],
      stop: null,
    });
    expect(verdict.sentences.join(" ")).toMatch(
      /of 5, as before; the verifier gives them [\d.]+, as before\./,
    );
  });

  test("has words for a report that holds nothing yet", () => {
    const empty: RunReport = {
      ...goodReport(),
      models: [],
      gains: [],
      warnings: [],
      gate: null,
    };
    expect(runVerdict(empty).kind).toBe("unmeasured");
  });
});

describe("terminalSummary", () => {
  test("is the verdict, a row a model and nothing wider than a terminal", () => {
    const lines = terminalSummary(goodReport()).split("\n");
    expect(lines[0]).toBe("It did get better.");
    expect(lines.filter((line) => /^ {2}M\d {2,}/.test(line))).toHaveLength(4);
    expect(lines.length).toBeLessThanOrEqual(16);
    for (const report of [
      ...[goodReport(), selfDeceivingReport(), gatedReport()],
      outsideReport(),
    ]) {
      const widest = Math.max(
        ...terminalSummary(report)
          .split("\n")
          .map((line) => line.length),
      );
      expect(widest).toBeLessThanOrEqual(79);
    }
  });

  test("sets truth, belief and an outside judge beside each other, with length", () => {
    const report = outsideReport();
    const lines = terminalSummary(report).split("\n");
    const head = lines.findIndex((line) => line.includes("outside"));
    expect(lines[head]).toMatch(/deserves +believes +outside +tokens +judge$/);
    const last = report.models.at(-1);
    const figures = [
      ...[last?.self?.truth?.mean, last?.selfReward],
      last?.outside?.reward?.mean,
    ].map((value) => value?.toFixed(2));
    const row = [...figures, last?.responseLength?.toFixed(1)].join(" +");
    expect(lines[head + report.models.length]).toMatch(new RegExp(row));
    expect(terminalSummary(goodReport())).not.toContain("outside");
  });

  test("names every warning by its code", () => {
    const report = selfDeceivingReport();
    const text = terminalSummary(report);
    expect(report.warnings.length).toBeGreaterThan(0);
    for (const { code, where } of report.warnings) {
      expect(text).toContain(`! ${code} (${where})`);
    }
  });

  test("leads with the arms and names the one run shown in full", () => {
    const lines = terminalSummary(armsReport()).split("\n");
    expect(lines[0]).toBe("5 arms side by side.");
    expect(lines[1]).toMatch(/^ {2}The arm verifier gained most: \+/);
    const detail = lines.indexOf(
      "In detail, arm self, seed 1: It did get better.",
    );
    expect(detail).toBeGreaterThan(
      lines.findIndex((l) => /^ {2}random/.test(l)),
    );
    const page = renderReport(armsReport());
    expect(page).toContain("<h1>5 arms side by side.</h1>");
    expect(page.indexOf('id="arms"')).toBeLessThan(
      page.indexOf("One run in full: arm self, seed 1"),
    );
    expect(page.indexOf("One run in full")).toBeLessThan(
      page.indexOf('id="models"'),
    );
  });

  test("one arm over seeds is judged by its seeds, not by the first of them", () => {
    const [self] = armsReport().arms;
    const report = (gains: readonly number[]): RunReport => ({
      ...goodReport(),
      arms: [
        {
          name: "self",
          note: "",
          runs: gains.map((gain, index) => {
            const run = self?.runs[0];
            const [base, m1] = run?.models ?? [];
            if (run === undefined || base === undefined || m1 === undefined)
              throw new Error("the sample has no runs");
            const at = (mean: number) => ({ mean, low: mean, high: mean });
            return {
              ...run,
              seed: index + 1,
              models: [
                base,
                { ...m1, accuracy: at(0.5) },
                { ...m1, id: "M2", accuracy: at(0.5 + gain) },
              ],
            };
          }),
        },
      ],
    });
    expect(comparisonOf(report([0.1, 0.11, 0.12]))?.kind).toBe("improved");
    expect(comparisonOf(report([-0.1, -0.11, -0.12]))?.kind).toBe("worse");
    expect(comparisonOf(report([0.2, -0.2]))?.kind).toBe("unclear");
    expect(comparisonOf(report([0.2]))?.kind).toBe("unclear");
    expect(comparisonOf(goodReport())).toBeNull();
  });

  test("lists the arms with their mean gain", () => {
    expect(terminalSummary(armsReport())).toMatch(
      /^ {2}random +−\d+\.\d +\[−\d+\.\d, −?\d+\.\d\]  5 seeds$/m,
    );
  });
});

describe("report files", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "autodidact-report-"));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  test("what is written is what is read", async () => {
    const report = selfDeceivingReport();
    const paths = await writeReport(folder, report);
    expect(await readReport(paths.json)).toEqual(report);
  });

  test("the same report is the same bytes, whatever order its keys came in", async () => {
    const report = goodReport();
    const shuffled = Object.fromEntries(
      Object.entries(report).reverse(),
    ) as unknown as RunReport;
    const read = async (): Promise<string[]> => [
      await readFile(join(folder, "report.json"), "utf8"),
      await readFile(join(folder, "report.html"), "utf8"),
    ];
    await writeReport(folder, report);
    const first = await read();
    await writeReport(folder, shuffled);
    expect(await read()).toEqual(first);
  });

  test("holds the fields that other programs rely on", async () => {
    const { json } = await writeReport(folder, goodReport());
    const report = JSON.parse(await readFile(json, "utf8")) as Record<
      string,
      Record<string, unknown>[]
    >;
    expect(report).toMatchObject({ seed: 1, versions: { node: "20.20.2" } });
    expect(Object.keys(report["models"]?.[3] ?? {})).toEqual(
      expect.arrayContaining([
        "id",
        "path",
        "accuracy",
        "score",
        "selfReward",
        "responseLength",
        "judge",
      ]),
    );
    expect(Object.keys(report["models"]?.[3]?.["accuracy"] ?? {})).toEqual([
      "mean",
      "low",
      "high",
    ]);
    expect(Object.keys(report["models"]?.[3]?.["judge"] ?? {})).toEqual(
      expect.arrayContaining([
        "pairwiseAccuracy",
        "fiveBest",
        "exactMatch",
        "spearman",
        "kendall",
      ]),
    );
    expect(Object.keys(report["headToHead"]?.[0] ?? {})).toEqual(
      expect.arrayContaining(["left", "right", "win", "tie", "lose"]),
    );
    expect(Object.keys(report["rounds"]?.[0] ?? {})).toEqual(
      expect.arrayContaining([
        "from",
        "to",
        "prompts",
        "candidates",
        "judgements",
        "malformed",
        "pairs",
        "ties",
        "seconds",
      ]),
    );
  });

  test("a number that is not finite is written as unknown", async () => {
    const report = goodReport();
    const broken: RunReport = {
      ...report,
      models: report.models.map((model) => ({
        ...model,
        selfReward: NaN,
        responseLength: Infinity,
      })),
    };
    const { json } = await writeReport(folder, broken);
    const [model] = (await readReport(json, "self-rewarding")).models;
    expect(model?.selfReward).toBeNull();
    expect(model?.responseLength).toBeNull();
  });

  test("timings are all that two equal runs may differ in", () => {
    const one = goodReport();
    const other: RunReport = {
      ...one,
      rounds: one.rounds.map((round) => ({ ...round, seconds: 1 })),
      training: one.training.map((run) => ({ ...run, seconds: 2 })),
      timings: null,
    };
    expect(withoutTimings(other)).toEqual(withoutTimings(one));
    expect(withoutTimings({ ...one, seed: 2 })).not.toEqual(
      withoutTimings(one),
    );
    expect(JSON.stringify(withoutTimings(one))).not.toMatch(/"seconds":\d/);
  });

  test("a file that is no report is refused with its name and field", async () => {
    const path = join(folder, "report.json");
    await writeFile(path, JSON.stringify({ ...goodReport(), seed: "one" }));
    await expect(readReport(path)).rejects.toMatchObject({
      code: "BAD_INPUT",
      details: { path, field: "seed" },
    });
    await writeFile(path, "{");
    await expect(readReport(path)).rejects.toMatchObject({ code: "BAD_INPUT" });
    await expect(readReport(join(folder, "none.json"))).rejects.toMatchObject({
      code: "BAD_INPUT",
    });
  });
});
