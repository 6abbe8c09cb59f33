/**
 * @file What `autodidact instruct` leaves, `autodidact run` takes as its IFT.
 */
import { writeFile } from "node:fs/promises";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { loadLoopData } from "../../src/pipelines/self-rewarding/loop-data.js";
import { selfRewardingSchema } from "../../src/recipes/self-rewarding.js";
import {
  datasetRows,
  opener,
  runInstruct,
  runOptions,
  temporaryFolder,
} from "./run-folder.js";
import { scriptedAuthor } from "./scripted-author.js";

let folder = "";
beforeAll(async () => {
  folder = await temporaryFolder();
  await runInstruct(
    runOptions(folder, opener(scriptedAuthor()), { accept: 12, seed: 3 }),
  );
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** What a loop reads of a recipe whose other files have one row each. */
async function dataOf(ift: string) {
  const write = async (name: string, row: unknown): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, `${JSON.stringify(row)}\n`);
    return path;
  };
  const graded = { response: "b", score: 5 };
  const data = {
    ift,
    eft: await write("eft.jsonl", { prompt: "judge", ...graded }),
    iftRows: null,
    eftRows: null,
    heldOut: await write("held-out.jsonl", { prompt: "measured" }),
    heldOutRows: null,
    judgeFixedRows: null,
    judgeTestRows: null,
    judgeFixed: await write("fixed.jsonl", {
      prompt: "fixed",
      right: "b",
      corrupted: "c",
    }),
    judgeTest: await write("test.jsonl", {
      prompt: "test",
      responses: [graded, { response: "c", score: 0 }],
    }),
  };
  const recipe = selfRewardingSchema.parse({ name: "x", base: "x", data });
  return loadLoopData(recipe);
}

it("chat.jsonl gives one IFT row for each conversation, word for word", async () => {
  const rows = await datasetRows<{
    readonly messages: readonly { readonly content: string }[];
  }>(folder, "chat.jsonl");
  const { ift } = await dataOf(join(folder, "dataset", "chat.jsonl"));
  expect(rows.length).toBeGreaterThan(0);
  expect(ift).toEqual(
    rows.map(({ messages }) => ({
      prompt: messages[0]?.content,
      output: messages[1]?.content,
    })),
  );
});

it("training.jsonl, made for base models, is taken with its layout", async () => {
  const rows = await datasetRows<{
    readonly prompt: string;
    readonly completion: string;
  }>(folder, "training.jsonl");
  const { ift } = await dataOf(join(folder, "dataset", "training.jsonl"));
  expect(ift).toEqual(
    rows.map(({ prompt, completion }) => ({
      prompt,
      output: completion.trim(),
    })),
  );
});
