import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { costOf, readPriceTable } from "./prices.js";

describe("costOf", () => {
  const price = { input: 150_000, cachedInput: 75_000, output: 600_000 };

  it("adds input, cached input and output", () => {
    // 600 × 0.15 + 400 × 0.075 + 500 × 0.60 dollars a million = 90 + 30 + 300 micros
    expect(
      costOf(price, {
        promptTokens: 1000,
        cachedPromptTokens: 400,
        completionTokens: 500,
      }),
    ).toBe(420);
  });

  it("rounds up, and only once", () => {
    // 1 × 0.15 + 1 × 0.6 = 0.75 micros
    expect(
      costOf(price, {
        promptTokens: 1,
        cachedPromptTokens: 0,
        completionTokens: 1,
      }),
    ).toBe(1);
  });

  it("is exact where floating point is not", () => {
    expect(
      costOf(
        { input: 15_000_001, cachedInput: 0, output: 0 },
        {
          promptTokens: 1_000_000_000_000,
          cachedPromptTokens: 0,
          completionTokens: 0,
        },
      ),
    ).toBe(15_000_001_000_000);
  });
});

describe("readPriceTable", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "prices-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const read = async (text: string) => {
    const path = join(folder, "prices.yaml");
    await writeFile(path, text);
    return readPriceTable(path);
  };

  it("finds a model by name, else by the longest beginning", async () => {
    const table = await read(`models:
  small-*: { input: 1, output: 2 }
  small-new-*: { input: 3, output: 4, cachedInput: "0.3" }
  small-new-1: { input: 5, output: 6 }
`);
    expect(table.priceOf("small-old")).toEqual({
      input: 1e6,
      cachedInput: 1e6,
      output: 2e6,
    });
    expect(table.priceOf("small-new-2")).toEqual({
      input: 3e6,
      cachedInput: 300_000,
      output: 4e6,
    });
    expect(table.priceOf("small-new-1")?.input).toBe(5e6);
    expect(table.priceOf("large")).toBeUndefined();
  });

  it("lets the user's table win", async () => {
    const ours = await read("models: { m: { input: 1, output: 1 } }");
    const theirs = await read("models: { m: { input: 9, output: 9 } }");
    expect(ours.overriddenBy(theirs).priceOf("m")?.input).toBe(9e6);
  });

  it.each([
    [
      "models: { m: { input: cheap, output: 1 } }",
      /models\.m\.input: "cheap" is not an amount of dollars/,
    ],
    ["models: { m: { input: 1 } }", /models\.m\.output/],
    ["models: { m: { input: 1, output: 1, outptu: 2 } }", /outptu/],
    ["models: [", /prices\.yaml cannot be used/],
    ["models:\n  ? [m, n]\n  : { input: 1 }", /line 2: a key is a list/],
    [
      `a: &a [x, x, x, x, x]\n${"bcdefg".replace(/./g, (key) => `${key}: &${key} [${`*${String.fromCharCode(key.charCodeAt(0) - 1)}, `.repeat(5)}]\n`)}`,
      /its anchors repeat each other too often/,
    ],
  ])("says what is wrong with %s", async (text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });

  it("reads the table of this package", async () => {
    const table = await readPriceTable(
      fileURLToPath(new URL("../../../prices.yaml", import.meta.url)),
    );
    expect(table.priceOf("gpt-4o-mini-2024-07-18")).toEqual({
      input: 150_000,
      cachedInput: 75_000,
      output: 600_000,
    });
  });

  it("names a file that is not there", async () => {
    await expect(readPriceTable(join(folder, "none.yaml"))).rejects.toThrow(
      /Cannot read .*none\.yaml/,
    );
  });
});
