/**
 * @file `autodidact export --model`: the real binary writes models in other forms, and
 * what it wrote is read again.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openCheckpoint } from "../../src/checkpoints/checkpoint.js";
import { openModel } from "../../src/checkpoints/open-model.js";
import { autodidact, ROOT } from "./program.js";
import { TINY, workFolder } from "./stage-files.js";

const LLAMA3 = join(ROOT, "test/fixtures/checkpoints/llama3");

describe("a model in another form", () => {
  test("is safetensors in shards, every weight as it was", async () => {
    const work = workFolder();
    const result = await work.run(
      ...["export", "--model", LLAMA3, "--format", "safetensors"],
      ...["--precision", "bf16", "--out", "copy", "--json"],
      ...["--shard-size", "0.02"],
    );
    expect(result.code).toBe(0);
    const [before, after] = [
      await openCheckpoint(LLAMA3),
      await openCheckpoint(work.at("copy")),
    ];
    expect(after.config).toEqual(before.config);
    for (const { name } of before.parameters)
      expect(await after.readParameter(name)).toEqual(
        await before.readParameter(name),
      );
    expect(JSON.parse(result.stdout)).toMatchObject({
      precision: "bf16",
      out: "copy",
    });
    const shards = readdirSync(work.at("copy")).filter((name) =>
      /^model-\d{5}-of-\d{5}\.safetensors$/.test(name),
    );
    expect(shards.length).toBeGreaterThan(1);
    const sizes = shards.map((name) => statSync(work.at(`copy/${name}`)).size);
    // The header of a shard is not counted.
    expect(Math.max(...sizes)).toBeLessThan(25_000);
  });

  test("has an adapter merged into it, and goes on from there", async () => {
    const work = workFolder();
    const adapter = join(TINY, "lora");
    // The adapter names its base by a path from here.
    const made = await autodidact([
      ...["export", "--model", adapter, "--format", "safetensors"],
      ...["--out", work.at("merged")],
    ]);
    expect(made).toMatchObject({ code: 0, stderr: "" });
    const [before, after] = [
      await openModel(adapter),
      await openCheckpoint(work.at("merged")),
    ];
    const name = "model.layers.0.mlp.down_proj.weight";
    expect(await after.readParameter(name)).toEqual(
      await before.readParameter(name),
    );
    const gguf = await work.run(
      ...["export", "--model", "merged", "--format", "gguf"],
      ...["--precision", "q8_0", "--out", "m.gguf"],
    );
    expect(gguf).toMatchObject({ code: 0, stderr: "" });
    expect(readFileSync(work.at("m.gguf")).toString("latin1", 0, 4)).toBe(
      "GGUF",
    );
  });
});

test("a stopped or refused export leaves nothing", async () => {
  const work = workFolder();
  const huge = work.copyModel(TINY);
  const path = join(huge, "model.safetensors");
  const bytes = readFileSync(path);
  bytes.writeFloatLE(70_000, bytes.byteLength - 4);
  work.write("model/model.safetensors", bytes);
  const result = await work.run(
    ...["export", "--model", "model", "--format", "safetensors"],
    ...["--precision", "f16", "--out", "half"],
  );
  expect(result.code).toBe(4);
  expect(result.stderr).toMatch(
    /^model: tensor "model\.norm\.weight" holds 70000, which f16 cannot hold\. Use --precision f32 or bf16\.$/m,
  );
  expect(existsSync(work.at("half"))).toBe(false);
  expect(readdirSync(work.path)).toEqual(["model"]);
});
