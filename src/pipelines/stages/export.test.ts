import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  convertRows,
  readDataFile,
  writeConverted,
  type ExportFormat,
} from "./export.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "export-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function exported(row: object, format: ExportFormat): Promise<unknown> {
  const [data, out] = [join(folder, "data.json"), join(folder, "out")];
  writeFileSync(data, JSON.stringify(row));
  await writeConverted(convertRows([await readDataFile(data)], format), out);
  return ([JSON.parse(readFileSync(out, "utf8"))] as unknown[]).flat()[0];
}

const turn = (content: string, answer: string) => [
  { role: "user", content },
  { role: "assistant", content: answer },
];
const system = { role: "system", content: "You are a guide." };

describe("a row that is exported", () => {
  it("keeps system and earlier turns of Alpaca rows", async () => {
    const row = {
      instruction: "And in winter?",
      input: "",
      output: "Frozen.",
      system: system.content,
      history: [["Can one swim?", "Yes."]],
    };
    const [asked, answered] = turn("And in winter?", "Frozen.");
    const before = [system, ...turn("Can one swim?", "Yes.")];
    expect(await exported(row, "messages")).toEqual({
      messages: [...before, asked, answered],
    });
    expect(await exported(row, "prompt-completion")).toEqual({
      prompt: [...before, asked],
      completion: [answered],
    });
  });

  it.each<[ExportFormat, object]>([
    ["alpaca", { instruction: "a", input: "", output: "b", id: 7, kind: "x" }],
    ["prompt-completion", { prompt: "a", completion: "b", weight: 0, id: 7 }],
    [
      "messages",
      { messages: [{ role: "user", content: "a", name: "n" }], tools: [{}] },
    ],
    ["dpo", { prompt: "a", chosen: "b", rejected: "c", chosen_score: 4.5 }],
  ])("keeps all other fields as %s", async (format, row) => {
    expect(await exported(row, format)).toEqual(row);
  });

  it.each<[string, ExportFormat, object]>([
    ["one user message", "alpaca", { messages: [system, ...turn("a", "b")] }],
    [
      "one user message",
      "alpaca",
      { messages: [...turn("a", "b"), ...turn("c", "d")] },
    ],
    [
      "“weight”",
      "alpaca",
      {
        messages: [
          { role: "user", content: "a" },
          { role: "assistant", content: "b", weight: 0 },
        ],
      },
    ],
    [
      "“history”",
      "messages",
      { instruction: "a", output: "b", history: ["c"] },
    ],
    [
      "“name”",
      "parquet",
      { messages: [{ role: "user", content: "a", name: "n" }] },
    ],
  ])(
    "is refused where something would be lost: %s",
    async (word, format, row) => {
      await expect(exported(row, format)).rejects.toThrow(word);
    },
  );
});
