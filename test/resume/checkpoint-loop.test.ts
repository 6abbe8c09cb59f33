/**
 * @file The whole loop on a checkpoint that Autodidact did not make, with LoRA and
 * without anyone who knows the truth: what it leaves, and that a run killed at named
 * points ends in the same report, weights and adapters, to the last bit.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { openAdapter } from "../../src/checkpoints/adapter.js";
import { openModel } from "../../src/checkpoints/open-model.js";
import { EXIT_CODES } from "../../src/foundation/error.js";
import { hashFile } from "../../src/foundation/hash.js";
import { readReport } from "../../src/reporting/report-file.js";
import { withoutTimings } from "../reporting/without-timings.js";
import { copyCheckpoint, writeCheckpointRecipe } from "./checkpoint-run.js";
import type { Changes } from "./recipe-files.js";
import { runRecipe } from "./run-recipe.js";

/** Inside LoRA training after a saved state, between the rounds, in the last training. */
const KILLS = [
  "training-checkpoint:3",
  "judgements-written",
  "training-step:92",
  "model-saved:2",
] as const;

let workspace = "";
let recipe = "";
let whole = "";
let expected: Awaited<ReturnType<typeof outcomeOf>>;

async function outcomeOf(folder: string) {
  const models = ["M1", "M2", "M3"];
  const weights = models.map((id) => join(id, "model.safetensors"));
  const adapters = models.map((id) =>
    join(`${id}-adapter`, "adapter_model.safetensors"),
  );
  return {
    report: withoutTimings(
      await readReport(join(folder, "report.json"), "self-rewarding"),
    ),
    weights: await Promise.all(
      [...weights, ...adapters].map((name) =>
        hashFile(join(folder, "models", name)),
      ),
    ),
  };
}

/** A folder with a checkpoint of its own and a recipe for it, changed as a test needs it. */
function otherRun(
  name: string,
  changes: Changes,
  without: readonly string[] = [],
): {
  readonly checkpoint: string;
  readonly recipe: string;
  readonly folder: string;
} {
  const folder = join(workspace, name);
  mkdirSync(folder);
  return {
    checkpoint: copyCheckpoint(folder, without),
    recipe: writeCheckpointRecipe(folder, changes),
    folder: join(folder, "run"),
  };
}

beforeAll(async () => {
  workspace = mkdtempSync(join(tmpdir(), "autodidact-checkpoint-"));
  copyCheckpoint(workspace);
  recipe = writeCheckpointRecipe(workspace);
  whole = join(workspace, "uninterrupted");
  const { status, stderr } = runRecipe(recipe, whole);
  expect(status, stderr).toBe(0);
  expected = await outcomeOf(whole);
}, 300_000);

afterAll(() => {
  rmSync(workspace, { recursive: true, force: true });
});

test("the run reaches M3 with pairs in both rounds, and claims no truth", () => {
  const { models, rounds, world } = expected.report;
  expect(models.map(({ id }) => id)).toEqual(["M0", "M1", "M2", "M3"]);
  expect(rounds.every(({ pairs }) => pairs > 0)).toBe(true);
  expect(world).toBeNull();
  expect(models.map(({ accuracy, score }) => [accuracy, score])).toEqual(
    models.map(() => [null, null]),
  );
  expect(models.slice(1).every(({ selfReward }) => selfReward !== null)).toBe(
    true,
  );
  expect(rounds.map(({ pairTruth }) => pairTruth)).toEqual([null, null]);
});

test("every model is a whole checkpoint and its parent with the adapter beside it", async () => {
  const models = join(whole, "models");
  expect(readdirSync(models).sort()).toEqual(
    ["M1", "M2", "M3"].flatMap((id) => [id, `${id}-adapter`]),
  );
  for (const id of ["M1", "M2", "M3"]) {
    const model = await openModel(join(models, id));
    const adapted = await openModel(join(models, `${id}-adapter`));
    for (const { name } of model.parameters)
      expect(await adapted.readParameter(name)).toEqual(
        await model.readParameter(name),
      );
  }
});

test("adapts every linear layer but the head unless the recipe names some", async () => {
  const adapted = async (id: string): Promise<string[]> => {
    const { layers } = await openAdapter(
      join(whole, "models", `${id}-adapter`),
    );
    const names = layers.map(({ layer }) => layer.split(".").at(-1) ?? "");
    return [...new Set(names)].sort();
  };
  expect(await adapted("M1")).toEqual([
    "down_proj",
    "lm_head",
    "o_proj",
    "q_proj",
    "v_proj",
  ]);
  expect(await adapted("M2")).toEqual([
    "down_proj",
    "gate_proj",
    "k_proj",
    "o_proj",
    "q_proj",
    "up_proj",
    "v_proj",
  ]);
});

test.each(KILLS)(
  "a run killed at %s continues to the same end",
  { timeout: 300_000 },
  async (point) => {
    const folder = join(workspace, `killed-${point.replace(":", "-")}`);
    expect(runRecipe(recipe, folder, { crashAt: point }).signal).toBe(
      "SIGKILL",
    );
    const { status, stderr } = runRecipe(recipe, folder);
    expect(status, stderr).toBe(0);
    const { report, weights } = await outcomeOf(folder);
    expect({ report, weights }).toEqual(expected);
    rmSync(folder, { recursive: true, force: true });
  },
);

test("refuses to go on when the base changed meanwhile", () => {
  const {
    checkpoint,
    recipe: path,
    folder,
  } = otherRun("changed", {
    rounds: 0,
  });
  expect(
    runRecipe(path, folder, { crashAt: "evaluation-written" }).signal,
  ).toBe("SIGKILL");
  writeFileSync(join(checkpoint, "generation_config.json"), "{}");
  const { status, stderr } = runRecipe(path, folder);
  expect(status).toBe(EXIT_CODES.LEDGER);
  expect(stderr).toContain("is not the one that the run in");
});

test("a run of a Hub id keeps the commit it began with, although the branch moves on", async () => {
  const {
    checkpoint,
    recipe: path,
    folder,
  } = otherRun("hub", { base: "owner/tiny", rounds: 0 });
  const home = join(workspace, "hub-home");
  const repository = join(home, "hub/models--owner--tiny");
  const [first, second] = ["a".repeat(40), "b".repeat(40)];
  for (const commit of [first, second])
    cpSync(checkpoint, join(repository, "snapshots", commit), {
      recursive: true,
    });
  writeFileSync(
    join(repository, "snapshots", second, "generation_config.json"),
    "{}",
  );
  const moveBranchTo = (commit: string): void => {
    mkdirSync(join(repository, "refs"), { recursive: true });
    writeFileSync(join(repository, "refs/main"), commit);
  };
  const offline = { HF_HOME: home, HF_HUB_OFFLINE: "1" };
  moveBranchTo(first);
  expect(
    runRecipe(path, folder, { crashAt: "evaluation-written", env: offline })
      .signal,
  ).toBe("SIGKILL");
  moveBranchTo(second);
  const { stderr } = runRecipe(path, folder, { env: offline });
  const report = await readReport(
    join(folder, "report.json"),
    "self-rewarding",
  );
  expect(report.models[0]?.path, stderr).toBe(`owner/tiny@${first}`);
});

test("a checkpoint without a chat template is asked in plain text", () => {
  const changes = { rounds: 0, plainPrompt: "Q: {prompt}\nA:" };
  const { recipe: path, folder } = otherRun("plain", changes, [
    "chat_template.jinja",
  ]);
  const { status, stderr } = runRecipe(path, folder);
  expect(status, stderr).toBe(0);
  const rows = readFileSync(join(folder, "datasets/M1.jsonl"), "utf8");
  const [first = ""] = rows.split("\n");
  expect(JSON.parse(first)).toEqual({
    prompt: expect.stringMatching(/^Q: .+\nA:$/) as string,
    completion: expect.any(String) as string,
  });
});

test("scores that are not one token each are sampled, and the run says so", () => {
  const {
    checkpoint,
    recipe: path,
    folder,
  } = otherRun("sampled", {
    rounds: 0,
  });
  joinDigitToSpace(checkpoint);
  const { stderr } = runRecipe(path, folder);
  expect(stderr).toContain("judgements are sampled instead");
  const resolved = parse(readFileSync(join(folder, "recipe.yaml"), "utf8")) as {
    readonly judge: { readonly reward: string };
  };
  expect(resolved.judge.reward).toBe("samples");
  expect(existsSync(join(folder, "models/M1"))).toBe(true);
});

/** Gives the tokenizer a token for " 3" and for no other score. */
function joinDigitToSpace(checkpoint: string): void {
  const path = join(checkpoint, "tokenizer.json");
  const tokenizer = JSON.parse(readFileSync(path, "utf8")) as {
    readonly model: {
      readonly vocab: Record<string, number>;
      readonly merges: [string, string][];
    };
  };
  const { vocab, merges } = tokenizer.model;
  vocab["▁3"] = Math.max(...Object.values(vocab)) + 1;
  merges.push(["▁", "3"]);
  writeFileSync(path, JSON.stringify(tokenizer));
}
