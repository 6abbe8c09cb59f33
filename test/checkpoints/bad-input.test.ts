/**
 * @file Damaged and lying checkpoints: each is one BAD_CHECKPOINT error that says
 * what is wrong, and saving never damages what is there.
 */
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  openCheckpoint,
  saveCheckpoint,
} from "../../src/checkpoints/checkpoint.js";
import { writeSafetensors } from "../../src/checkpoints/weights/safetensors.js";
import { AutodidactError } from "../../src/foundation/error.js";

const FIXTURES = "test/fixtures/checkpoints";
let work: string;
let folder: string;
beforeEach(async () => {
  work = await mkdtemp(join(tmpdir(), "bad-input-"));
  folder = join(work, "model");
  await copyFixture("llama");
});
afterEach(() => rm(work, { recursive: true }));

/** A fixture's checkpoint alone, without its adapter. */
async function copyFixture(family: string): Promise<void> {
  await cp(join(FIXTURES, family), folder, {
    recursive: true,
    filter: (path) => basename(path) !== "lora",
  });
}

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
      await copyFixture("llama3");
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
    /tokenizer\.json cannot be used: [^\n]*model/,
  ],
  [
    "a tokenizer that is a list",
    () => writeFile(join(folder, "tokenizer.json"), "[]"),
    /tokenizer\.json cannot be used: [^\n]*expected object/,
  ],
  [
    "a tokenizer that is broken over several lines",
    () => writeFile(join(folder, "tokenizer.json"), '{\n "model": {\n'),
    /tokenizer\.json cannot be used: [^\n]*JSON/,
  ],
  [
    "tokenizer settings of another form",
    () => writeFile(join(folder, "tokenizer_config.json"), '{"pad_token": 3}'),
    /tokenizer_config\.json cannot be used: [^\n]*pad_token/,
  ],
  [
    "the wrong tokenizer",
    () =>
      editJson("tokenizer.json", (tokenizer) => {
        const { vocab } = tokenizer["model"] as { vocab: object };
        Object.assign(vocab, { "<huge>": 5000 });
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
    "a config with more layers than any model",
    () => editConfig({ num_hidden_layers: 1e9 }),
    /wrong value in "num_hidden_layers": Too big/,
  ],
  [
    "a config with more positions than can be told apart",
    () => editConfig({ max_position_embeddings: 1e10 }),
    /wrong value in "max_position_embeddings": Too big/,
  ],
  [
    "a config that lies about the vocabulary",
    () => editConfig({ vocab_size: 300 }),
    /"model\.embed_tokens\.weight" has shape \[358, 32\], config\.json asks for \[300, 32\]/,
  ],
  [
    "an end that the model cannot write",
    () => editConfig({ eos_token_id: [2, 358] }),
    /config\.json gives eos_token_id 358, but the model knows 358 tokens, 0 to 357\./,
  ],
  [
    "padding that the model cannot read",
    () => editConfig({ pad_token_id: 99999 }),
    /config\.json gives pad_token_id 99999, but/,
  ],
  [
    "a generation config with an end that the model cannot write",
    () =>
      editJson("generation_config.json", (c) => (c["eos_token_id"] = 99999)),
    /generation_config\.json gives eos_token_id 99999, but/,
  ],
  [
    "rope frequencies that leave no ramp",
    () =>
      editConfig({
        rope_parameters: {
          ...{ rope_type: "llama3", rope_theta: 1e4, factor: 8 },
          ...{ low_freq_factor: 4, high_freq_factor: 4 },
        },
      }),
    /"low_freq_factor" 4, which must be less than "high_freq_factor" 4/,
  ],
  [
    "a rope base without a logarithm",
    () =>
      editConfig({
        rope_parameters: { rope_type: "yarn", rope_theta: 1, factor: 4 },
      }),
    /rope parameters that cannot be used: rope_theta: Too small/,
  ],
  [
    "a share of each head to rotate, for a family that rotates all of it",
    () =>
      editConfig({
        rope_parameters: { rope_theta: 1e4, partial_rotary_factor: 0.5 },
      }),
    /"partial_rotary_factor" 0\.5, which this family of models does not follow/,
  ],
  [
    "one file beside shards, as transformers prefers it, of another shape",
    async () => {
      await rm(folder, { recursive: true });
      await copyFixture("llama3");
      await cp(
        join(FIXTURES, "llama/model.safetensors"),
        join(folder, "model.safetensors"),
      );
    },
    /"model\.embed_tokens\.weight" has shape \[358, 32\], config\.json asks for \[313, 32\]/,
  ],
  [
    "a tokenizer of a kind that nobody knows",
    () =>
      editJson("tokenizer.json", (tokenizer) => {
        (tokenizer["model"] as Record<string, unknown>)["type"] = "Quantum";
      }),
    /tokenizer\.json cannot be used: its model is of type "Quantum"/,
  ],
  [
    "an end-of-sequence token that the tokenizer lacks",
    () =>
      editJson("tokenizer_config.json", (settings) => {
        settings["eos_token"] = "<nowhere>";
      }),
    /tokenizer\.json cannot be used: it has no token "<nowhere>", which tokenizer_config\.json names as eos_token/,
  ],
  [
    "a chat template that is a folder",
    async () => {
      await rm(join(folder, "chat_template.jinja"));
      await mkdir(join(folder, "chat_template.jinja"));
    },
    /chat_template\.jinja cannot be used: it is no ordinary file/,
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
    expect(failure).not.toMatchObject({
      message: expect.stringContaining("\n") as string,
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

describe("a tied checkpoint that stores its head too", () => {
  async function storeHead(change: (value: number) => number): Promise<void> {
    const tied = await openCheckpoint(join(FIXTURES, "smollm3"));
    const embedding = await tied.readParameter("model.embed_tokens.weight");
    await rm(folder, { recursive: true });
    await copyFixture("smollm3");
    await writeSafetensors({
      path: join(folder, "model.safetensors"),
      tensors: [
        ...tied.parameters,
        { name: "lm_head.weight", shape: tied.parameters[0]?.shape ?? [] },
      ],
      format: "f32",
      read: (name) =>
        name === "lm_head.weight"
          ? embedding.map(change)
          : tied.readParameter(name),
    });
  }

  it("is opened when the head is the embedding", async () => {
    await storeHead((value) => value);
    const checkpoint = await openCheckpoint(folder);
    expect(checkpoint.config.tieWordEmbeddings).toBe(true);
  });

  it("is refused when the head is another matrix", async () => {
    await storeHead((value) => value + 1);
    await expect(openCheckpoint(folder)).rejects.toMatchObject({
      code: "BAD_CHECKPOINT",
      details: { tensor: "lm_head.weight" },
    });
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

  const save = async (target: string): Promise<void> => {
    const checkpoint = await openCheckpoint(join(FIXTURES, "llama"));
    await saveCheckpoint({
      folder: target,
      config: checkpoint.config,
      tokenizerFrom: checkpoint.folder,
      readParameter: (name) => checkpoint.readParameter(name),
    });
  };

  it("keeps a user's notes beside the weights and drops what the new one lacks", async () => {
    await writeFile(join(folder, "notes.txt"), "mine");
    await writeFile(join(folder, "special_tokens_map.json"), "{}");
    await writeFile(join(folder, "training.json"), "{}");
    await save(folder);
    expect(await readFile(join(folder, "notes.txt"), "utf8")).toBe("mine");
    const names = await readdir(folder);
    expect(names).not.toContain("special_tokens_map.json");
    expect(names).not.toContain("training.json");
  });

  it.each<[string, (target: string) => Promise<unknown>, RegExp]>([
    ["a file", (target) => writeFile(target, "precious"), /is a file/],
    [
      "a folder of something else",
      async (target) => {
        await mkdir(target);
        await writeFile(join(target, "thesis.tex"), "precious");
      },
      /holds other things \(thesis\.tex\)/,
    ],
    [
      "a checkpoint with folders in it",
      async (target) => {
        await cp(folder, target, { recursive: true });
        await mkdir(join(target, "logs"), { recursive: true });
      },
      /holds a folder/,
    ],
  ])("refuses to replace %s", async (_what, arrange, message) => {
    const target = join(work, "target");
    await arrange(target);
    const before = await stat(target);
    await expect(save(target)).rejects.toMatchObject({
      code: "STORAGE",
      message: expect.stringMatching(message) as string,
    });
    expect((await stat(target)).ino).toBe(before.ino);
    expect((await readdir(work)).sort()).toEqual(["model", "target"]);
  });

  it("puts back what a crash left between the renames before it replaces it", async () => {
    await rename(folder, join(work, ".model.previous"));
    await writeFile(join(work, ".model.previous", "notes.txt"), "mine");
    await save(folder);
    expect(await readFile(join(folder, "notes.txt"), "utf8")).toBe("mine");
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
