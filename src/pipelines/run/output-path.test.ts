import { link, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { requireWritableFile } from "./output-path.js";

let folder: string;
const at = (name: string) => join(folder, name);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "output-"));
  await writeFile(at("in.jsonl"), "{}\n");
  await symlink(at("in.jsonl"), at("symbolic.jsonl"));
  await link(at("in.jsonl"), at("hard.jsonl"));
  await mkdir(at("model"));
  for (const name of ["model.safetensors", "config.json", "model.gguf"])
    await writeFile(join(at("model"), name), "");
});
afterEach(() => rm(folder, { recursive: true }));

describe("requireWritableFile", () => {
  it.each(["in.jsonl", "model/../in.jsonl", "symbolic.jsonl", "hard.jsonl"])(
    "refuses an input by the name %s",
    async (name) => {
      await expect(
        requireWritableFile(at(name), [undefined, at("in.jsonl")]),
      ).rejects.toMatchObject({ code: "USAGE" });
    },
  );

  it.each(["model/model.safetensors", "model/config.json"])(
    "refuses a part of a model: %s",
    async (name) => {
      await expect(
        requireWritableFile(at(name), [at("model")]),
      ).rejects.toMatchObject({ code: "USAGE" });
    },
  );

  it.each(["new.jsonl", "new/deeper.jsonl", "model/model.gguf"])(
    "allows %s",
    async (name) => {
      const others = [at("in.jsonl"), at("model"), "an-owner/a-model"];
      await expect(
        requireWritableFile(at(name), others),
      ).resolves.toBeUndefined();
    },
  );
});
