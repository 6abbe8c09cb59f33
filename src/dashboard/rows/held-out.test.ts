import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { madeRun, writeFamily } from "../../../test/dashboard/made-run.js";
import type { HeldOutQuery } from "../api/api.js";
import { comparedPrompts } from "./compared-prompts.js";
import { openRunRows, type RunRows } from "./run-rows.js";

interface Line {
  readonly prompt: string;
  readonly response: string;
  readonly correct?: boolean;
}

function writeAnswers(
  folder: string,
  model: string,
  lines: readonly Line[],
): void {
  mkdirSync(join(folder, "answers"), { recursive: true });
  writeFileSync(
    join(folder, "answers", `${model}.jsonl`),
    lines
      .map((line) => `${JSON.stringify({ answer: "yes", ...line })}\n`)
      .join(""),
  );
}

/** Right or wrong of each prompt, as `+` and `-`. */
function answered(marks: string, said = "answer"): Line[] {
  return [...marks].map((mark, i) => ({
    prompt: `prompt ${i}`,
    response: `${said} ${i}`,
    correct: mark === "+",
  }));
}

function opened(models: Readonly<Record<string, readonly Line[]>>) {
  const run = madeRun(writeFamily);
  for (const [model, lines] of Object.entries(models))
    writeAnswers(run.folder, model, lines);
  const rows = openRunRows(run, { cache: null });
  onTestFinished(() => {
    rows.close();
  });
  return { run, rows };
}

const MODELS = {
  M1: answered("++--"),
  M2: answered("+-+-"),
  M10: answered("----"),
  "M1-sampled": answered("++++"),
};

async function indexes(rows: RunRows, query: HeldOutQuery): Promise<number[]> {
  const page = await rows.heldOut(query);
  return page.prompts.map(({ index }) => index);
}

test("held-out prompts are told apart by who is right", async () => {
  const { rows } = opened(MODELS);
  const page = await rows.heldOut({ left: "M1", right: "M2" });
  expect(page.models).toEqual(["M1", "M2", "M10"]);
  expect(page.counts).toEqual({ lost: 1, gained: 1, both: 1, neither: 1 });
  expect(page.prompts[1]).toEqual({
    index: 1,
    prompt: "prompt 1",
    expected: "yes",
    answers: ["M1", "M2", "M10"].map((model) => ({
      model,
      text: "answer 1",
      correct: model === "M1",
      score: null,
      selfReward: null,
    })),
  });
  const query = { left: "M1", right: "M2" };
  expect(await indexes(rows, { ...query, show: "lost" })).toEqual([1]);
  expect(await indexes(rows, { ...query, show: "gained" })).toEqual([2]);
  expect(await indexes(rows, { ...query, search: "PROMPT 3" })).toEqual([3]);
  expect(await indexes(rows, { left: "", right: "", show: "lost" })).toEqual([
    0, 2,
  ]);
  await expect(rows.heldOut({ left: "M7", right: "M2" })).rejects.toMatchObject(
    {
      status: 404,
    },
  );
});

test("prompts come by the page, each once", async () => {
  const many = answered("+-".repeat(130));
  const { rows } = opened({ M1: many, M2: many });
  const all: number[] = [];
  for (let after: string | undefined; ;) {
    const page = await rows.heldOut({
      left: "M1",
      right: "M2",
      ...(after === undefined ? {} : { after }),
    });
    all.push(...page.prompts.map(({ index }) => index));
    if (page.next === null) break;
    after = page.next;
  }
  expect(all).toEqual([...many.keys()]);
});

test("a file that grows is read again, and a line that is no answer harms nothing", async () => {
  const { run, rows } = opened({ M1: answered("+"), M2: answered("+") });
  expect(await indexes(rows, { left: "M1", right: "M2" })).toEqual([0]);
  writeAnswers(run.folder, "M1", answered("+-"));
  writeAnswers(run.folder, "M2", answered("++"));
  expect(
    await indexes(rows, { left: "M1", right: "M2", show: "gained" }),
  ).toEqual([1]);
  writeFileSync(join(run.folder, "answers", "M3.jsonl"), "<script>\n{}\n");
  const page = await rows.heldOut({ left: "M1", right: "M3" });
  expect(page.prompts[0]?.answers[2]).toMatchObject({
    text: "<script>",
    correct: null,
  });
});

test("a run without held-out answers has an empty page", async () => {
  const { rows } = opened({});
  expect(await rows.heldOut({ left: "", right: "" })).toMatchObject({
    models: [],
    prompts: [],
    next: null,
  });
});

test("runs are compared on the prompts where their last models differ", async () => {
  const one = opened({ M1: answered("++++"), M2: answered("++-+", "left") });
  const other = opened({ M1: answered("+--+", "right") });
  const { prompts, next } = await comparedPrompts([
    { ...one.run, id: "one" },
    { ...other.run, id: "other" },
  ]);
  expect(next).toBeNull();
  expect(prompts).toEqual([
    {
      prompt: "prompt 1",
      answers: [
        { run: "one", model: "M2", text: "left 1", correct: true, score: null },
        {
          run: "other",
          model: "M1",
          text: "right 1",
          correct: false,
          score: null,
        },
      ],
    },
  ]);
});
