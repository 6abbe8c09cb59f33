/**
 * @file The loop with models that are not its own, behind a real server: one writes the
 * prompts, one judges. What they refuse and garble is counted, limits are kept, nothing
 * is bought twice however often the run is stopped, and the gate asks them too.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { EXIT_CODES } from "../../src/foundation/error.js";
import { openLedger } from "../../src/ledger/ledger.js";
import { readReport } from "../../src/reporting/report-file.js";
import { autodidact } from "../cli/program.js";
import { withoutTimings } from "../reporting/without-timings.js";
import {
  CRITIC_KEY,
  startOutsideServer,
  type OutsideServer,
} from "./scripted-outside.js";
import { writeTinyRecipe } from "./tiny-run.js";

let workspace = "";
let right: ReadonlySet<string>;

/** M1 is M0 as it is, so that the outside models do all that is asked here. */
function recipeOf(url: string, name: string, judge: object = {}): string {
  const tiny = parse(readFileSync(writeTinyRecipe(workspace), "utf8")) as {
    readonly data: Readonly<Record<string, unknown>>;
    readonly prompts: object;
    readonly preference: object;
  };
  const { heldOut, judgeFixed } = tiny.data;
  const endpoint = { baseUrl: `${url}/v1`, name: "outside" };
  const path = join(workspace, `${name}.yaml`);
  const recipe = {
    ...tiny,
    rounds: 1,
    data: { heldOut, heldOutRows: 4, judgeFixed },
    prompts: {
      ...tiny.prompts,
      ...{ count: 10, seedExamples: 0, ownExamples: 1, minWords: 3 },
      template: "Write one like these: {tasks}",
      endpoint: { ...endpoint, model: "writer" },
    },
    judge: {
      source: "endpoint",
      template: "P: {prompt} A: {response}",
      ...{ samples: 1, maxTokens: 8 },
      endpoint: {
        ...{ ...endpoint, model: "critic", apiKeyVariable: "CRITIC_KEY" },
        price: { input: 10, output: 100 },
        maxCost: 1,
        ...judge,
      },
    },
    evaluation: { samplesPerPrompt: 0, maxTokens: 8, resamples: 100 },
    preference: { ...tiny.preference, rehearsalEvery: 0 },
  };
  writeFileSync(path, stringify(recipe));
  return path;
}

function run(recipe: string, folder: string, env: Record<string, string> = {}) {
  return autodidact(["run", recipe, "--run-dir", folder, "--quiet"], {
    env: { CRITIC_KEY, ...env },
  });
}

async function reportOf(folder: string) {
  return withoutTimings(
    await readReport(join(folder, "report.json"), "self-rewarding"),
  );
}

/** Judge samples of the rounds, and what the ledger says was spent in each stage. */
function recordedIn(folder: string) {
  const ledger = openLedger({ path: join(folder, "ledger.db"), mode: "read" });
  const recorded = {
    judgements: [...ledger.read("judgements")],
    prompts: [...ledger.read("prompts")],
    usage: new Map(ledger.usage().map((each) => [each.stage, each])),
  };
  ledger.close();
  return recorded;
}

beforeAll(() => {
  workspace = mkdtempSync(join(tmpdir(), "autodidact-outside-"));
  writeTinyRecipe(workspace);
  right = new Set(
    readFileSync(join(workspace, "judge-fixed.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { readonly right: string }).right),
  );
});

afterAll(() => {
  rmSync(workspace, { recursive: true, force: true });
});

const soldTwice = ({ sold }: OutsideServer): string[] =>
  [...sold].filter(([, times]) => times > 1).map(([key]) => key);

test("one writes, one judges; a stopped run ends the same and buys nothing twice", async () => {
  const server = await startOutsideServer({ right });
  const again = await startOutsideServer({ right });
  try {
    const folder = join(workspace, "whole");
    const whole = await run(recipeOf(server.url, "whole"), folder);
    expect(whole.code, whole.stderr).toBe(0);
    const report = await reportOf(folder);
    const { judgements, prompts, usage } = recordedIn(folder);
    expect(prompts.every(({ modelId }) => modelId === null)).toBe(true);
    expect(prompts).toHaveLength(10);
    expect(prompts[0]?.text).toContain("repeat the letters");
    expect(judgements.every(({ judge }) => judge === "endpoint")).toBe(true);
    const kinds = new Set(judgements.map(({ kind }) => kind));
    expect(kinds).toEqual(new Set(["score", "malformed"]));
    // A refusal is a judgement without words, never a low score.
    expect(server.refused.get(400)).toBeGreaterThan(0);
    expect(judgements.some(({ raw }) => raw === "")).toBe(true);
    expect(judgements.some(({ raw }) => raw === "I like it.")).toBe(true);
    expect(server.refused.get(429)).toBeGreaterThan(0);
    expect(report.gate).toMatchObject({ passed: true });
    expect(report.rounds[0]).toMatchObject({ reward: "endpoint" });
    expect(report.rounds[0]?.pairs).toBeGreaterThan(0);
    // What the critic says of the held-out answers stands beside what their author says.
    expect(report.models.map(({ outside }) => outside?.judge)).toEqual([
      ...[undefined, "critic", "critic"],
    ]);
    const scores = report.models.map(({ outside }) => outside?.reward?.mean);
    // None of the tiny model's answers is right: the critic gives 0 … 3.
    for (const score of scores.slice(1)) {
      expect(score).toBeGreaterThanOrEqual(0);
      expect(score).toBeLessThanOrEqual(3);
    }
    expect(usage.get("outside-judge/held-out")?.cost).toBeGreaterThan(0);
    expect(soldTwice(server)).toEqual([]);
    // 20 tokens of prompt and 5 of answer each, at $10 and $100 a million.
    const spent = usage.get("round-1/judgements");
    expect(spent?.cost).toBe((spent?.requests ?? 0) * 700);
    expect(spent?.requests).toBeGreaterThan(0);
    expect(usage.get("round-1/prompts")?.cost).toBe(0);
    expect(readFileSync(join(folder, "recipe.yaml"), "utf8")).not.toContain(
      CRITIC_KEY,
    );

    const stopped = join(workspace, "stopped");
    const recipe = recipeOf(again.url, "stopped");
    for (const point of ["prompts-written", "judgements-chunk"])
      expect(
        await run(recipe, stopped, { AUTODIDACT_CRASH_AT: point }),
      ).toMatchObject({ code: null });
    const resumed = await run(recipe, stopped);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(soldTwice(again)).toEqual([]);
    expect([...again.sold].sort()).toEqual([...server.sold].sort());
    const { recipe: _recipe, ...outcome } = await reportOf(stopped);
    const { recipe: _other, ...expected } = report;
    expect(outcome).toEqual(expected);
  } finally {
    await Promise.all([server.close(), again.close()]);
  }
});

test("a limit ends the run, and with a higher one the same command goes on", async () => {
  const server = await startOutsideServer({ right });
  try {
    const folder = join(workspace, "limited");
    const poor = await run(
      recipeOf(server.url, "limited", { maxCost: 0.03 }),
      folder,
    );
    expect(poor.code).toBe(EXIT_CODES.BUDGET);
    const bought = [...server.sold].filter(([key]) => key.startsWith("critic"));
    // 700 millionths of a dollar each.
    expect(bought.length).toBeGreaterThan(0);
    expect(bought.length).toBeLessThanOrEqual(42);
    const rich = await run(recipeOf(server.url, "limited"), folder);
    expect(rich.code, rich.stderr).toBe(0);
    expect(soldTwice(server)).toEqual([]);
  } finally {
    await server.close();
  }
});

test("an outside judge that is wrong does not pass the gate", async () => {
  const server = await startOutsideServer({ right, perverse: true });
  try {
    const recipe = recipeOf(server.url, "perverse");
    const { code, stderr } = await run(recipe, join(workspace, "perverse"));
    expect(code).toBe(EXIT_CODES.GATE);
    const said = stderr.replaceAll(/\s+/gu, " ");
    expect(said).toContain("the judge behind the endpoint ranks");
    expect(said).toContain("95 % interval");
    expect(said).toContain("judge.template, or name a larger model");
  } finally {
    await server.close();
  }
});

test.each([
  [{ judge: { source: "endpoint" } }, "say with baseUrl and model which"],
  [
    {
      prompts: {
        file: "held-out.jsonl",
        endpoint: { baseUrl: "http://127.0.0.1:1/v1", model: "writer" },
      },
    },
    "prompts.file gives the prompts",
  ],
  [
    { judge: { endpoint: { baseURL: "http://127.0.0.1:1/v1", model: "x" } } },
    'Did you mean "judge.endpoint.baseUrl"?',
  ],
])(
  "recipes that contradict themselves are refused: %j",
  async (over, problem) => {
    const tiny = parse(
      readFileSync(writeTinyRecipe(workspace), "utf8"),
    ) as object;
    const path = join(workspace, "refused.yaml");
    writeFileSync(path, stringify({ ...tiny, ...over }));
    const { code, stderr } = await run(path, join(workspace, "refused"));
    expect(code).toBe(EXIT_CODES.USAGE);
    expect(stderr.replaceAll(/\s+/gu, " ")).toContain(problem);
  },
);
