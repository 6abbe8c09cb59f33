import { expect, onTestFinished, test } from "vitest";
import { madeRun, writeFamily } from "../../../test/dashboard/made-run.js";
import type { StoredAnswer } from "../../answers/answer-store.js";
import type { Ledger } from "../../ledger/ledger.js";
import { openRunRows, type RunRows } from "./run-rows.js";

function rowsOf(write: (ledger: Ledger) => void, recipe = {}): RunRows {
  const rows = openRunRows(madeRun(write, recipe), { cache: null });
  onTestFinished(() => {
    rows.close();
  });
  return rows;
}

async function shownCells(
  rows: RunRows,
  table: string,
  ...columns: readonly string[]
) {
  await rows.indexed();
  const page = await rows.page(table, {});
  return page.rows.map(({ cells }) => columns.map((name) => cells[name]));
}

test("a seed task tells how many prompts came of it, at once and in all", async () => {
  const rows = rowsOf(writeFamily);
  expect(
    await shownCells(rows, "seed_tasks", "children", "descendants"),
  ).toEqual([
    [1, 2],
    [1, 2],
    [1, 1],
  ]);
  const page = await rows.page("seed_tasks", {
    sort: "descendants",
    direction: "down",
  });
  expect(page.rows.map(({ id }) => id)).toEqual([1, 2, 3]);
});

test("a pair tells what the run's verifier says of its answers", async () => {
  const rows = rowsOf(
    (ledger) => {
      const stage = ledger.stage("made", "h");
      stage.insertPrompts([
        { key: "p", text: "write p w f in reverse", origin: "file" },
        { key: "q", text: "no task of the nursery", origin: "file" },
      ]);
      stage.insert(
        "candidates",
        ["f w p", "7", "x", "y"].map((text, i) => ({
          key: `${i}`,
          promptId: i < 2 ? 1 : 2,
          sampleIndex: 0,
          text,
          tokens: 3,
          finishReason: "stop" as const,
          mergedCount: 1,
        })),
      );
      stage.insert(
        "pairs",
        [
          [1, 2, 1],
          [1, 1, 2],
          [2, 3, 4],
        ].map(([promptId = 0, chosenId = 0, rejectedId = 0], i) => ({
          key: `${i}`,
          promptId,
          chosenId,
          rejectedId,
          chosenScore: 3,
          rejectedScore: 1,
          margin: 2,
        })),
      );
    },
    { verifier: "nursery" },
  );
  await rows.indexed();
  const page = await rows.page("pairs", { sort: "true_margin" });
  expect(page.rows.map(({ id }) => id)).toEqual([1, 2, 3]);
  const [worst, best, unknown] = page.rows.map(({ cells }) => cells);
  expect(worst?.["true_margin"]).toBeLessThan(0);
  expect(best?.["chosen_true_score"]).toBe(5);
  expect(unknown?.["true_margin"]).toBeNull();
});

function answer(asked: string, said: string): StoredAnswer {
  return {
    request: {
      endpoint: "http://h/v1",
      path: "/chat/completions",
      body: { model: "m", messages: [{ role: "user", content: asked }] },
    },
    response: JSON.stringify({ choices: [{ message: { content: said } }] }),
    usage: {
      promptTokens: 1,
      cachedPromptTokens: 0,
      completionTokens: 1,
      costMicros: 0,
    },
  };
}

test("instructions and instances are tables, each led back to the endpoint's answer", async () => {
  const rows = rowsOf((ledger) => {
    const written = ledger.stage("instructions", "h");
    ledger.answers.put(
      "a",
      answer("tasks", "1. Name a fish.\n2. 说出一种“鱼”。"),
    );
    written.insertPrompts(
      ["Name a fish.", "说出一种“鱼”。"].map((text, i) => ({
        key: `request-0/${i}`,
        text,
        instruction: text,
        origin: "generated" as const,
      })),
    );
    written.complete({ requested: 2, accepted: 2, rejected: 0, failed: 0 });
    const made = ledger.stage("instances", "h");
    ledger.answers.put("b", answer('Task: Name a fish.\n"Output":', "Cod."));
    ledger.answers.put("c", answer("Task: 说出一种“鱼”。", "Cod."));
    made.insertPrompts([
      {
        key: "i/0",
        text: "说出一种“鱼”。",
        instruction: "说出一种“鱼”。",
        input: "",
        origin: "generated",
        sources: [{ sourcePromptId: 2 }],
      },
    ]);
    made.insert("candidates", [
      {
        key: "i/0",
        promptId: 3,
        sampleIndex: 0,
        text: "Cod.",
        tokens: 1,
        finishReason: "stop",
        mergedCount: 1,
      },
    ]);
  });
  await rows.indexed();
  const tables = await rows.tables();
  const sizes = Object.fromEntries(
    tables.map(({ name, rows: n }) => [name, n]),
  );
  expect(sizes).toMatchObject({ instructions: 2, instances: 1, calls: 3 });
  expect(tables.every(({ indexed }) => indexed)).toBe(true);
  expect(await shownCells(rows, "instances", "instruction", "text")).toEqual([
    ["说出一种“鱼”。", "Cod."],
  ]);
  const answersOf = async (table: string, id: number) => {
    const page = await rows.relation(table, id, "raw-answer");
    return page.rows.map(({ cells }) => cells["key"]);
  };
  expect(await answersOf("instructions", 2)).toEqual(["a"]);
  expect(await answersOf("instances", 1)).toEqual(["c"]);
  const search = await rows.page("calls", { search: "“鱼”" });
  expect(search.rows.map(({ cells }) => cells["key"])).toEqual(["a"]);
  await expect(rows.row("instances", 2)).rejects.toMatchObject({ status: 404 });
});
