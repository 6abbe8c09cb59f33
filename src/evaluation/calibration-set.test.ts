import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readCalibrationSet } from "./calibration-set.js";

const folder = mkdtempSync(join(tmpdir(), "autodidact-calibration-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const read = (rows: readonly unknown[], limit?: number) => {
  const path = join(folder, "set.jsonl");
  writeFileSync(path, rows.map((row) => JSON.stringify(row)).join("\n"));
  return readCalibrationSet(path, limit);
};

describe("a calibration file", () => {
  it.each([
    [
      "RewardBench",
      { prompt: "p", chosen: "good", rejected: "bad", subset: "s", id: 1 },
    ],
    [
      "RewardBench 2",
      { prompt: "p", chosen: ["good"], rejected: ["bad"], subset: "s" },
    ],
    [
      "conversations",
      {
        prompt: "p",
        chosen: [
          { role: "user", content: "p" },
          { role: "assistant", content: "good" },
        ],
        rejected: [
          { role: "user", content: "p" },
          { role: "assistant", content: "bad" },
        ],
        category: "s",
      },
    ],
    [
      "JudgeBench",
      {
        question: "p",
        response_A: "good",
        response_B: "bad",
        label: "A>B",
        source: "s",
      },
    ],
    [
      "a fixed judge set",
      { prompt: "p", right: "good", corrupted: "bad", family: "s" },
    ],
    [
      "a judge test set",
      {
        prompt: "p",
        responses: [
          { response: "good", score: 1 },
          { response: "bad", score: 0 },
        ],
        family: "s",
      },
    ],
    [
      "AlpacaEval's annotations",
      {
        instruction: "p",
        output_1: "good",
        output_2: "bad",
        preference: 1,
        dataset: "s",
      },
    ],
  ])("is known by its fields: %s", async (_, row) => {
    const [one] = await read([row]);
    expect(one).toMatchObject({
      prompt: "p",
      category: "s",
      line: 1,
      answers: [
        { response: "good", truth: 1 },
        { response: "bad", truth: 0 },
      ],
    });
  });

  it("takes what was asked from the conversation where it stands nowhere else", async () => {
    const asked = { role: "user", content: "p" };
    const [one] = await read([
      {
        chosen: [asked, { role: "assistant", content: "good" }],
        rejected: [asked, { role: "assistant", content: "bad" }],
      },
    ]);
    expect(one?.prompt).toEqual([asked]);
  });

  it("keeps the names of those who wrote the answers", async () => {
    const [one] = await read([
      {
        prompt: "p",
        chosen: "a",
        rejected: "b",
        chosen_model: "x",
        rejected_model: "y",
      },
    ]);
    expect(one?.answers.map(({ model }) => model)).toEqual(["x", "y"]);
  });

  it("is looked at evenly where only a part is wanted, and ties are left out", async () => {
    const rows = Array.from({ length: 10 }, (_, i) => ({
      instruction: `p${i}`,
      output_1: "a",
      output_2: "b",
      preference: i % 2 === 0 ? 1.9 : i === 5 ? null : 1.5,
    }));
    expect((await read(rows)).map(({ prompt }) => prompt)).toEqual([
      "p0",
      "p2",
      "p4",
      "p6",
      "p8",
    ]);
    expect((await read(rows, 2)).map(({ prompt }) => prompt)).toEqual([
      "p0",
      "p4",
    ]);
  });

  it.each([
    ["without what was asked", { chosen: "a", rejected: "b" }, "prompt"],
    ["with one side", { prompt: "p", chosen: "a" }, "rejected"],
    [
      "with another label",
      { question: "p", response_A: "a", response_B: "b", label: "A=B" },
      "label",
    ],
    [
      "where nothing differs",
      { instruction: "p", output_1: "a", output_2: "b", preference: 1.5 },
      "no two answers",
    ],
  ])("is refused %s", async (_, row, words) => {
    await expect(read([row])).rejects.toThrow(words);
    await expect(read([row])).rejects.toThrow("set.jsonl, line 1");
  });
});
