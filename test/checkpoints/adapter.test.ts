/**
 * @file LoRA adapters in PEFT's format: PEFT's are read and merged, ours keep what
 * was put in, and what is not plain LoRA is refused by name.
 */
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  mergeAdapter,
  openAdapter,
  saveAdapter,
} from "../../src/checkpoints/adapter.js";
import { openCheckpoint } from "../../src/checkpoints/checkpoint.js";
import { openModel } from "../../src/checkpoints/open-model.js";

const FIXTURES = "test/fixtures/checkpoints";
const LAYER = "model.layers.1.mlp.down_proj";

let work: string;
let folder: string;
beforeEach(async () => {
  work = await mkdtemp(join(tmpdir(), "adapter-"));
  folder = join(work, "adapter");
  await cp(join(FIXTURES, "llama", "lora"), folder, { recursive: true });
});
afterEach(() => rm(work, { recursive: true }));

async function edit(fields: Record<string, unknown>): Promise<void> {
  const path = join(folder, "adapter_config.json");
  const content = JSON.parse(await readFile(path, "utf8")) as object;
  await writeFile(path, JSON.stringify({ ...content, ...fields }));
}

describe("adapters", () => {
  it.each([
    ["llama", "model.layers.0.self_attn.q_proj", 2, 6 / 2],
    ["mistral", "model.layers.0.self_attn.q_proj", 2, 6 / Math.sqrt(2)],
    ["qwen2", "model.layers.0.self_attn.q_proj", 4, 6 / 4],
    ["qwen2", "model.layers.1.mlp.down_proj", 2, 3 / 2],
  ])("reads PEFT's scale in %s for %s", async (family, layer, rank, scale) => {
    const adapter = await openAdapter(join(FIXTURES, family, "lora"));
    const adapted = adapter.layers.find((entry) => entry.layer === layer);
    expect(adapted).toMatchObject({ rank, scale });
    expect(adapter.baseModel).toBe(`${FIXTURES}/${family}`);
  });

  it("adds scale·B·A to an adapted weight and nothing to the others", async () => {
    const base = await openCheckpoint(join(FIXTURES, "llama"));
    const adapter = await openAdapter(folder);
    const merged = mergeAdapter(base, adapter);
    const { a, b } = await adapter.read(LAYER);
    const before = await base.readParameter(`${LAYER}.weight`);
    const after = await merged.readParameter(`${LAYER}.weight`);
    // Rank 2, 48 inputs: row 5, column 7 by hand.
    const [row, column] = [5, 7];
    const update =
      3 *
      ((b[row * 2] ?? NaN) * (a[column] ?? NaN) +
        (b[row * 2 + 1] ?? NaN) * (a[48 + column] ?? NaN));
    const at = row * 48 + column;
    expect(after[at]).toBeCloseTo((before[at] ?? NaN) + update, 6);
    const norm = "model.norm.weight";
    expect(await merged.readParameter(norm)).toEqual(
      await base.readParameter(norm),
    );
    expect(await merged.weightHash()).not.toBe(await base.weightHash());
  });

  it("opens an adapter folder as its base with the adapter merged", async () => {
    const model = await openModel(folder);
    const merged = mergeAdapter(
      await openCheckpoint(join(FIXTURES, "llama")),
      await openAdapter(folder),
    );
    expect(await model.weightHash()).toBe(await merged.weightHash());
    expect(await model.readParameter(`${LAYER}.weight`)).toEqual(
      await merged.readParameter(`${LAYER}.weight`),
    );
  });

  it("gives back what was saved", async () => {
    const copy = join(work, "copy");
    const a = Float32Array.from({ length: 3 * 48 }, (_, i) => i / 7);
    const b = Float32Array.from({ length: 32 * 3 }, (_, i) => -i / 5);
    await saveAdapter({
      folder: copy,
      baseModel: "owner/name",
      rank: 3,
      alpha: 12,
      targets: ["down_proj"],
      layers: [{ layer: LAYER, inputs: 48, outputs: 32 }],
      read: (_layer, half) => (half === "A" ? a : b),
    });
    const adapter = await openAdapter(copy);
    expect(adapter.layers).toEqual([
      { layer: LAYER, rank: 3, inputs: 48, outputs: 32, scale: 4 },
    ]);
    expect(adapter.baseModel).toBe("owner/name");
    expect(await adapter.read(LAYER)).toEqual({ a, b });
  });

  it.each([
    ["another method", { peft_type: "IA3" }, /"peft_type"/],
    ["DoRA", { use_dora: true }, /switches on "use_dora"/],
    ["trained biases", { bias: "all" }, /"bias"/],
    [
      "wholly trained modules",
      { modules_to_save: ["lm_head"] },
      /switches on "modules_to_save"/,
    ],
    [
      "an initialisation that changes the base",
      { init_lora_weights: "pissa" },
      /"init_lora_weights"/,
    ],
    [
      "another rank than its matrices have",
      { r: 3 },
      /rank 2 for layer "model\.layers\.0\.mlp\.down_proj", adapter_config\.json says 3/,
    ],
    [
      "a pattern that is none",
      { alpha_pattern: { "q_proj(": 3 } },
      /has a pattern that cannot be read: "q_proj\("/,
    ],
    [
      "a pattern that goes back for ever",
      { rank_pattern: { "(\\w+)+!": 3 } },
      /can be tried in too many ways: "\(\\w\+\)\+!"/,
    ],
    [
      "a pattern that goes back too often",
      { alpha_pattern: { ".*.*.*=": 3 } },
      /can be tried in too many ways/,
    ],
  ])("refuses %s and names it", async (_what, fields, message) => {
    await edit(fields);
    await expect(openAdapter(folder)).rejects.toMatchObject({
      code: "BAD_CHECKPOINT",
      message: expect.stringMatching(message) as string,
    });
  });

  it("refuses a base of another shape and an adapter without a base", async () => {
    const base = await openCheckpoint(join(FIXTURES, "llama3"));
    const adapter = await openAdapter(folder);
    expect(() => mergeAdapter(base, adapter)).toThrow(
      /k_proj.*as a matrix \[16, 32\]; in .*llama3 it is \[24, 32\]/,
    );
    await edit({ base_model_name_or_path: null });
    await expect(openModel(folder)).rejects.toThrow(/does not name its base/);
    await edit({ base_model_name_or_path: "./gone" });
    await expect(openModel(folder)).rejects.toThrow(
      /^The base of the adapter \S+ cannot be opened: \.\/gone is neither a folder nor a Hub id/,
    );
  });

  it("refuses tensors that are not LoRA matrices and files that are missing", async () => {
    await cp(
      join(FIXTURES, "llama", "model.safetensors"),
      join(folder, "adapter_model.safetensors"),
    );
    await expect(openAdapter(folder)).rejects.toThrow(
      /holds "lm_head\.weight", which is not a LoRA matrix/,
    );
    await rm(join(folder, "adapter_model.safetensors"));
    await expect(openAdapter(folder)).rejects.toMatchObject({
      code: "BAD_CHECKPOINT",
    });
  });
});
