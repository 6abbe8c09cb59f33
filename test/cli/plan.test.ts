/**
 * @file `run --plan`: a recipe explained to its end, with nothing started or written.
 */
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import type { RunPlan } from "../../src/cli/run-plan.js";
import { loopStages } from "../../src/pipelines/self-rewarding/run.js";
import { autodidact } from "./program.js";
import { workFolder } from "./stage-files.js";

async function planOf(...args: readonly string[]): Promise<RunPlan> {
  const work = workFolder();
  const { code, stdout, stderr } = await autodidact(
    ["run", ...args, "--plan", "--json", "--run-dir", work.at("run")],
    { cwd: work.path },
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(readdirSync(work.path)).toEqual([]);
  return JSON.parse(stdout) as RunPlan;
}

it("explains the 70B recipe without its files: stages, processes, GPUs and the command", async () => {
  const plan = await planOf("self-rewarding-70b");
  expect(plan.stages.map(({ stage }) => stage)).toEqual(
    loopStages({ rounds: 2, judge: { source: "self" } as never }),
  );
  const { generate } = plan.engine;
  expect(generate).toMatchObject({
    ...{ kind: "vllm", processes: 1, gpus: 8, launcher: "slurm" },
  });
  expect(generate.command?.join(" ")).toContain("--tensor-parallel-size 8");
  expect(plan.missing).toHaveLength(6);
  expect(existsSync(plan.missing[0] ?? "")).toBe(false);
  const stage = (name: string) =>
    plan.stages.find((each) => each.stage === name);
  // 5000 prompts, 4 answers of 512 tokens, 3 judgements of 256 each.
  expect(stage("round-1/candidates")).toMatchObject({
    ...{ engine: "generate", model: "M1", answers: 20_000 },
    generatedTokens: 10_240_000,
  });
  expect(stage("round-2/judgements")).toMatchObject({
    ...{ model: "M2", answers: 60_000, generatedTokens: 15_360_000 },
  });
  expect(stage("round-2/train")).toMatchObject({
    ...{ engine: "train", model: "M2", rows: 5000, steps: 313 },
    files: ["datasets/M3.jsonl", "models/M3"],
  });
  // What hangs on a file that is not here is said to be unknown.
  expect(stage("M1/evaluation")).toMatchObject({ answers: null });
});

it("names the models behind endpoints, what they may cost and what they do", async () => {
  const work = workFolder();
  const endpoint = {
    ...{ baseUrl: "http://127.0.0.1:9/v1?key=secret", model: "big" },
    ...{ apiKeyVariable: "BIG_KEY", maxCost: 3, maxRequests: 1000 },
  };
  const recipe = {
    ...{ name: "outside", base: "./m0", rounds: 1 },
    data: { heldOut: "held-out.jsonl" },
    prompts: { count: 5, maxTokens: 10, endpoint },
    judge: { source: "endpoint", endpoint: { ...endpoint, model: "judge" } },
    candidates: { n: 2 },
  };
  const path = work.at("outside.yaml");
  writeFileSync(path, JSON.stringify(recipe));
  const plan = await planOf(path);
  expect(plan.outside.map(({ key, model }) => [key, model])).toEqual([
    ["prompts.endpoint", "big"],
    ["judge.endpoint", "judge"],
  ]);
  expect(JSON.stringify(plan)).not.toContain("secret");
  const { stdout } = await autodidact(["run", path, "--plan"]);
  expect(stdout).toContain(
    "judge at http://127.0.0.1:9/v1?key=[key] judges, with the key in BIG_KEY, for at most $3, 1,000 requests.",
  );
  // 5 prompts, 5 requests for each; 2 answers to each, judged 3 times.
  expect(stdout).toContain("by big, at most 25 answers, 250 tokens written");
  expect(stdout).toContain("by judge, at most 30 answers, 7,680 tokens");
});

it("shows the server that adapters are loaded into, for the ranks of all rounds", async () => {
  const work = workFolder();
  const path = work.at("lora.yaml");
  const recipe = {
    ...{ name: "lora", base: "./m0", rounds: 3 },
    data: { heldOut: "held-out.jsonl" },
    preference: { lora: { rank: 8, keepAdapter: true } },
    engine: { generate: { kind: "vllm", lora: "adapter" } },
  };
  writeFileSync(path, JSON.stringify(recipe));
  const { generate } = (await planOf(path)).engine;
  expect(generate.command?.join(" ")).toContain(
    "--enable-lora --max-lora-rank 32 --max-loras 1 --lora-target-modules LAYERS",
  );
  expect(generate.env).toMatchObject({
    VLLM_ALLOW_RUNTIME_LORA_UPDATING: "True",
  });
  expect(generate.does).toContain("kept while adapters over it are trained");
});

it("explains the nursery's run with every number, in lines for people", async () => {
  const plan = await planOf();
  const known = plan.stages.map(({ answers, rows }) => [answers, rows]);
  expect(known.flat()).not.toContain(null);
  expect(plan.missing).toEqual([]);
  const { stdout } = await autodidact(["run", "--plan", "--seed", "3"]);
  expect(stdout).toContain("nursery, seed 3");
  expect(stdout).toContain("Nothing is started now.");
  for (const stage of loopStages({
    rounds: 2,
    judge: { source: "self" } as never,
  }))
    expect(stdout).toContain(`. ${stage}: `);
});

it("explains Self-Instruct with training, and says how many runs there are", async () => {
  const plan = await planOf("nursery-self-instruct");
  expect(plan).toMatchObject({ kind: "self-instruct", runs: 3 });
  expect(plan.stages.at(-1)?.stage).toBe("unfiltered/evaluation");
});
