/**
 * @file Damaged and lying checkpoints: each is one BAD_CHECKPOINT error that says
 * what is wrong, and saving never damages what is there.
 */
import {
  cp,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  openCheckpoint,
  saveCheckpoint,
} from "../../src/checkpoints/checkpoint.js";
import { AutodidactError } from "../../src/foundation/error.js";

const FIXTURES = "test/fixtures/checkpoints";
let work: string;
let folder: string;
beforeEach(async () => {
  work = await mkdtemp(join(tmpdir(), "bad-input-"));
  folder = join(work, "model");
  await cp(join(FIXTURES, "llama"), folder, { recursive: true });
});
afterEach(() => rm(work, { recursive: true }));

async function editJson(
  name: string,
  change: (content: Record<string, unknown>) => void,
): Promise<void> {
  const path = join(folder, name);
  const content = JSON.parse(await readFile(path, "utf8")) as Record<
    string,
    unknown
  >;
  change(content);
  await writeFile(path, JSON.stringify(content));
}

const editConfig = (fields: Record<string, unknown>): Promise<void> =>
  editJson("config.json", (config) => Object.assign(config, fields));

const DAMAGE: readonly [string, () => Promise<unknown>, RegExp][] = [
  [
    "a truncated weight file",
    async () => {
      const path = join(folder, "model.safetensors");
      await truncate(path, (await stat(path)).size - 100);
    },
    /model\.safetensors is cut short/,
  ],
  [
    "a truncated shard",
    async () => {
      await rm(folder, { recursive: true });
      await cp(join(FIXTURES, "llama3"), folder, { recursive: true });
      await truncate(join(folder, "model-00002-of-00003.safetensors"), 999);
    },
    /model-00002-of-00003\.safetensors is cut short/,
  ],
  [
    "a config that lies about a width",
    () => editConfig({ intermediate_size: 64 }),
    /"model\.layers\.0\.mlp\.gate_proj\.weight" has shape \[48, 32\], config\.json asks for \[64, 32\]/,
  ],
  [
    "a config that promises more layers",
    () => editConfig({ num_hidden_layers: 3 }),
    /promises tensor "model\.layers\.2\.input_layernorm\.weight"/,
  ],
  [
    "a config that hides a layer",
    () => editConfig({ num_hidden_layers: 1 }),
    /hold tensor "model\.layers\.1\..*" *, which config\.json has no place for/,
  ],
  [
    "a config that promises biases",
    () => editConfig({ attention_bias: true }),
    /promises tensor "model\.layers\.0\.self_attn\.q_proj\.bias"/,
  ],
  [
    "a config of another family",
    () => editConfig({ model_type: "bloom" }),
    /model_type "bloom", which is not supported/,
  ],
  [
    "a config that is not JSON",
    () => writeFile(join(folder, "config.json"), "{,}"),
    /config\.json is not JSON/,
  ],
  [
    "no config",
    () => rm(join(folder, "config.json")),
    /config\.json cannot be read/,
  ],
  [
    "no tokenizer",
    () => rm(join(folder, "tokenizer.json")),
    /has no tokenizer\.json/,
  ],
  [
    "a tokenizer that is not JSON",
    () => writeFile(join(folder, "tokenizer.json"), "[[["),
    /tokenizer\.json cannot be used/,
  ],
  [
    "a tokenizer without a model",
    () => writeFile(join(folder, "tokenizer.json"), "{}"),
    /tokenizer\.json cannot be used/,
  ],
  [
    "the wrong tokenizer",
    () =>
      editJson("tokenizer.json", (tokenizer) => {
        (tokenizer["added_tokens"] as object[]).push({
          id: 5000,
          content: "<huge>",
          special: true,
        });
      }),
    /wrong tokenizer: it makes token ids up to 5000, the model knows 358/,
  ],
  [
    "a chat template that cannot be parsed",
    () => writeFile(join(folder, "chat_template.jinja"), "{% if %}"),
    /chat_template\.jinja cannot be parsed/,
  ],
  [
    "a generation config that is not JSON",
    () => writeFile(join(folder, "generation_config.json"), "none"),
    /generation_config\.json cannot be used/,
  ],
  [
    "no weights",
    () => rm(join(folder, "model.safetensors")),
    /neither model\.safetensors nor/,
  ],
];

describe("opening a checkpoint", () => {
  it.each(DAMAGE)("refuses %s", async (_what, damage, message) => {
    await damage();
    const failure = await openCheckpoint(folder).catch(
      (cause: unknown) => cause,
    );
    expect(failure).toBeInstanceOf(AutodidactError);
    expect(failure).toMatchObject({
      code: "BAD_CHECKPOINT",
      message: expect.stringMatching(message) as string,
    });
  });

  it("refuses a path that is a file and one that does not exist", async () => {
    const file = join(folder, "model.safetensors");
    await expect(openCheckpoint(file)).rejects.toThrow(
      /is a file; a checkpoint folder/,
    );
    await expect(openCheckpoint(join(work, "nowhere"))).rejects.toMatchObject({
      code: "BAD_CHECKPOINT",
    });
  });

  it("names the tensor that holds a number that is not finite", async () => {
    const path = join(folder, "model.safetensors");
    const bytes = await readFile(path);
    bytes.writeFloatLE(NaN, bytes.byteLength - 4);
    await writeFile(path, bytes);
    const checkpoint = await openCheckpoint(folder);
    await expect(
      checkpoint.readParameter("model.norm.weight"),
    ).rejects.toMatchObject({
      code: "BAD_CHECKPOINT",
      message: expect.stringMatching(
        /"model\.norm\.weight" holds NaN/,
      ) as string,
    });
  });

  it("says that there is no chat template when a conversation comes", async () => {
    await rm(join(folder, "chat_template.jinja"));
    const { tokenizer } = await openCheckpoint(folder);
    expect(tokenizer.hasChatTemplate).toBe(false);
    expect(() =>
      tokenizer.applyChatTemplate([{ role: "user", content: "hi" }], {
        addGenerationPrompt: true,
      }),
    ).toThrow(/has no chat template/);
  });
});

describe("weight hash", () => {
  it("stays for the same files and changes with a weight, the tokenizer or the configuration", async () => {
    const hash = async (): Promise<string> =>
      (await openCheckpoint(folder)).weightHash();
    const first = await hash();
    expect(await hash()).toBe(first);
    const seen = new Set([first]);
    const path = join(folder, "model.safetensors");
    const bytes = await readFile(path);
    bytes.writeFloatLE(0.25, bytes.byteLength - 4);
    await writeFile(path, bytes);
    seen.add(await hash());
    await editConfig({ rms_norm_eps: 1e-6 });
    seen.add(await hash());
    await writeFile(join(folder, "chat_template.jinja"), "{{ messages }}");
    seen.add(await hash());
    expect(seen.size).toBe(4);
  });
});

describe("saving a checkpoint", () => {
  it("keeps the old checkpoint whole when a weight cannot be read half-way", async () => {
    const checkpoint = await openCheckpoint(folder);
    const before = await checkpoint.weightHash();
    let reads = 0;
    await expect(
      saveCheckpoint({
        folder,
        config: checkpoint.config,
        tokenizerFrom: folder,
        readParameter: (name) => {
          if (++reads > 5) throw new AutodidactError("NUMERIC", "diverged");
          return checkpoint.readParameter(name);
        },
      }),
    ).rejects.toMatchObject({ code: "NUMERIC" });
    expect(await (await openCheckpoint(folder)).weightHash()).toBe(before);
    expect(await readdir(work)).toEqual(["model"]);
  });

  it("replaces a checkpoint by itself with other weights and leaves nothing else", async () => {
    const checkpoint = await openCheckpoint(folder);
    await saveCheckpoint({
      folder,
      config: checkpoint.config,
      tokenizerFrom: folder,
      readParameter: async (name) =>
        (await checkpoint.readParameter(name)).map((value) => value * 2),
    });
    const original = await openCheckpoint(join(FIXTURES, "llama"));
    const doubled = await openCheckpoint(folder);
    const name = "model.layers.1.mlp.up_proj.weight";
    const before = await original.readParameter(name);
    expect(await doubled.readParameter(name)).toEqual(before.map((v) => v * 2));
    expect(await readdir(work)).toEqual(["model"]);
  });

  it("refuses a target inside a file", async () => {
    const checkpoint = await openCheckpoint(folder);
    await expect(
      saveCheckpoint({
        folder: join(folder, "config.json", "inside"),
        config: checkpoint.config,
        tokenizerFrom: folder,
        readParameter: (name) => checkpoint.readParameter(name),
      }),
    ).rejects.toMatchObject({ code: "STORAGE" });
  });
});
