/**
 * @file The data set of a Self-Instruct run in the real Hugging Face `datasets`: the
 * card's head is understood, every configuration loads, and the rows are the run's.
 */
import { execFileSync } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CARD_CONFIGS } from "../../src/pipelines/instruct-stages/dataset-card.js";
import {
  datasetRows,
  opener,
  runInstruct,
  runOptions,
  temporaryFolder,
} from "../instruct/run-folder.js";
import { scriptedAuthor } from "../instruct/scripted-author.js";

const PYTHON = process.env["AUTODIDACT_PYTHON"] ?? "python3";

type Loaded = Readonly<
  Record<
    string,
    {
      readonly features: Readonly<Record<string, string>>;
      readonly rows: readonly Readonly<Record<string, unknown>>[];
    }
  >
>;

let folder: string;
let loaded: Loaded;

beforeAll(async () => {
  folder = await temporaryFolder();
  const settings = { accept: 25, inFlight: 4, seed: 5 };
  await runInstruct(runOptions(folder, opener(scriptedAuthor()), settings));
  loaded = JSON.parse(
    execFileSync(PYTHON, [resolve("test/peers/datasets-peer.py")], {
      input: JSON.stringify({
        folder: join(folder, "dataset"),
        cache: join(folder, "cache"),
        configs: CARD_CONFIGS.map(({ name }) => name),
      }),
      env: { ...process.env, HF_HUB_OFFLINE: "1", HF_HOME: folder },
      encoding: "utf8",
      maxBuffer: 1 << 26,
    }),
  ) as Loaded;
});

afterAll(() => rm(folder, { recursive: true }));

describe("Hugging Face datasets", () => {
  it("reads the Parquet file with a type for every column", () => {
    const { features = {}, rows = [] } = loaded["parquet"] ?? {};
    expect(Object.keys(features)).toEqual([
      "id",
      "instruction",
      "input",
      "output",
      "is_classification",
    ]);
    expect(features["is_classification"]).toContain("bool");
    expect(features["instruction"]).toContain("string");
    expect(rows.length).toBeGreaterThan(0);
    expect(loaded["default"]?.rows).toEqual(rows);
  });

  it.each(["self-instruct", "chat", "training"])(
    "reads %s row by row as it was written",
    async (config) => {
      const rows = await datasetRows(folder, `${config}.jsonl`);
      expect(rows.length).toBeGreaterThan(0);
      expect(loaded[config]?.rows).toEqual(rows);
    },
  );

  it("reads the Alpaca file, and the same instances as in the default configuration", async () => {
    const rows = JSON.parse(
      await readFile(join(folder, "dataset", "alpaca.json"), "utf8"),
    ) as unknown[];
    expect(loaded["alpaca"]?.rows).toEqual(rows);
    expect(
      loaded["default"]?.rows.map(({ instruction, input, output }) => ({
        instruction,
        input,
        output,
      })),
    ).toEqual(rows);
  });
});
