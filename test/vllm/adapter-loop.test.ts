/**
 * @file The loop with LoRA over what plays vLLM, served by adapters: a server for M0 and
 * one for all above it, and the same rows when it is killed and continued.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SIMULATED } from "../../bench/engines/loop.js";
import { readReport } from "../../src/reporting/report-file.js";
import { withoutTimings } from "../reporting/without-timings.js";
import {
  copyCheckpoint,
  writeCheckpointRecipe,
} from "../resume/checkpoint-run.js";
import { runRecipe } from "../resume/run-recipe.js";

/** While M1 is asked, before the first adapter is recorded, and when it has judged. */
const KILLS = [
  "candidates-chunk",
  "model-saved",
  "judgements-written",
] as const;

let workspace: string;
let recipe: string;
let whole: string;

beforeAll(() => {
  workspace = mkdtempSync(join(tmpdir(), "adapter-loop-"));
  copyCheckpoint(workspace);
  recipe = writeCheckpointRecipe(workspace, {
    engine: {
      generate: { kind: "vllm", python: SIMULATED, gpus: 0, lora: "adapter" },
      // What plays vLLM computes nothing of the model.
      train: { kind: "embedded", tolerance: 1e6 },
    },
  });
  whole = join(workspace, "whole");
  const { status, stderr } = runRecipe(recipe, whole);
  expect(status, stderr).toBe(0);
}, 300_000);

afterAll(() => {
  rmSync(workspace, { recursive: true, force: true });
});

/** What each server of a run was started with, and which weights it was asked for. */
function servers(run: string) {
  return readdirSync(join(run, "servers")).map((name) => {
    const folder = join(run, "servers", name);
    const script = readFileSync(join(folder, "attempt-1", "run.sh"), "utf8");
    const asked = readFileSync(join(folder, "requests.jsonl"), "utf8");
    return {
      model: /\/(checkpoint|models\/M\d)'/.exec(script)?.[1],
      rank: /'--max-lora-rank' '(\d+)'/.exec(script)?.[1],
      weights: new Set(
        [...asked.matchAll(/^\{"model":"([a-z]+)/gm)].map(([, kind]) => kind),
      ),
      adapters: new Set(asked.match(/"adapter-\w+"/g)),
    };
  });
}

test("M0 and M1 are served as they are, M2 and M3 by their adapters", () => {
  const started = servers(whole).sort((a, b) =>
    String(a.model).localeCompare(String(b.model)),
  );
  // M1's adapter has a part for the head; 8 ranks of it and of each round.
  expect(started.map(({ model, rank }) => [model, rank])).toEqual([
    ["checkpoint", "32"],
    ["models/M1", "32"],
  ]);
  expect(started.map(({ adapters }) => adapters.size)).toEqual([0, 2]);
  expect([...(started[1]?.weights ?? [])].sort()).toEqual([
    "adapter",
    "autodidact",
  ]);
});

test(
  "killed and continued it ends in the same rows, with nothing left",
  { timeout: 600_000 },
  async () => {
    const run = join(workspace, "killed");
    for (const crashAt of KILLS)
      expect([crashAt, runRecipe(recipe, run, { crashAt }).signal]).toEqual([
        crashAt,
        "SIGKILL",
      ]);
    const { status, stderr } = runRecipe(recipe, run);
    expect(status, stderr).toBe(0);
    const [left, expected] = await Promise.all(
      [run, whole].map(async (folder) => ({
        report: withoutTimings(
          await readReport(join(folder, "report.json"), "self-rewarding"),
        ),
        rows: readdirSync(join(folder, "datasets")).map((name) =>
          readFileSync(join(folder, "datasets", name), "utf8"),
        ),
      })),
    );
    expect(left).toEqual(expected);
    for (const name of readdirSync(join(run, "servers")))
      expect(readdirSync(join(run, "servers", name))).not.toContain(
        "server.json",
      );
  },
);
