import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readGenerationConfig } from "./generation-config.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "autodidact-generation-"));
});
afterEach(() => rm(folder, { recursive: true }));

const read = async (content: string) => {
  await writeFile(join(folder, "generation_config.json"), content);
  return readGenerationConfig(folder, 100);
};

test("a folder without the file asks for nothing", async () => {
  expect(await readGenerationConfig(folder, 100)).toEqual({
    eosTokenIds: [],
    ignoredSettings: [],
  });
});

test("names what changes greedy answers, and nothing that does not", async () => {
  // As in Qwen2.5-0.5B-Instruct: sampling is the caller's, the penalty is not.
  const qwen = {
    do_sample: true,
    temperature: 0.7,
    top_k: 20,
    top_p: 0.8,
    repetition_penalty: 1.1,
    eos_token_id: [45, 43],
  };
  expect(await read(JSON.stringify(qwen))).toEqual({
    eosTokenIds: [45, 43],
    ignoredSettings: ["repetition_penalty 1.1"],
  });
  const others = {
    repetition_penalty: 1,
    no_repeat_ngram_size: 2,
    suppress_tokens: [],
    bad_words_ids: [[5]],
    min_new_tokens: null,
    eos_token_id: 7,
  };
  expect(await read(JSON.stringify(others))).toEqual({
    eosTokenIds: [7],
    ignoredSettings: ["no_repeat_ngram_size 2", "bad_words_ids [[5]]"],
  });
});

test("refuses an end token that the model does not know, and what is no JSON", async () => {
  await expect(read('{"eos_token_id": 100}')).rejects.toThrow(
    /gives eos_token_id 100, but the model knows 100 tokens/,
  );
  await expect(read("{")).rejects.toThrow(/generation_config\.json cannot be/);
});
