/**
 * @file `constraints` with the real binary: rows that the suite reads, the kinds that
 * graded answers leave, and what is refused.
 */
import { describe, expect, test } from "vitest";
import { EXIT_CODES } from "../../src/foundation/error.js";
import { workFolder } from "./stage-files.js";

interface Row {
  readonly key: string;
  readonly prompt: string;
  readonly instruction_id_list: readonly string[];
}

test("rows and suite are read by evaluate --suite ifeval, and made again alike", async () => {
  const work = workFolder();
  const make = (out: string) =>
    work.run(
      ...["constraints", "--count", "40", "--language", "zh", "--json"],
      ...["--out", out, "--held-out", `held-${out}`],
    );
  const made = await make("a.jsonl");
  expect(made.code).toBe(0);
  expect(JSON.parse(made.stdout)).toMatchObject({
    prompts: 40,
    rejected: { duplicate: 0 },
    out: "a.jsonl",
  });
  await make("b.jsonl");
  const picture = work.picture();
  expect(picture["b.jsonl"]).toBe(picture["a.jsonl"]);
  expect(picture["held-b.jsonl"]).toBe(picture["held-a.jsonl"]);
  expect(work.rows("held-a.jsonl")).toHaveLength(540);

  const rows = work.rows<Row>("a.jsonl");
  work.write(
    "answers.jsonl",
    rows.map(({ key }) => ({ key, response: "好。" })),
  );
  const graded = await work.run(
    ...["evaluate", "--suite", "ifeval", "--data", "a.jsonl"],
    ...["--responses", "answers.jsonl", "--json"],
  );
  expect(JSON.parse(graded.stdout)).toMatchObject({
    answers: 40,
    unanswered: 0,
  });
});

describe("with graded answers", () => {
  const graded = (kind: string, met: number) =>
    Array.from({ length: 20 }, (_, i) => ({
      instruction_id_list: [kind],
      follow_list_strict: [i < met],
    }));

  test("only kinds met within the bounds, ends included, are made, and all are told", async () => {
    const work = workFolder();
    work.write("graded.jsonl", [
      ...graded("punctuation:no_comma", 3),
      ...graded("detectable_format:title", 17),
      ...graded("startend:quotation", 2),
      ...graded("detectable_format:json_format", 18),
    ]);
    const { code, stderr } = await work.run(
      ...["constraints", "--count", "30", "--out", "a.jsonl"],
      ...["--difficulty", "graded.jsonl"],
    );
    expect(code).toBe(0);
    expect(stderr).toContain("startend:quotation: met 2 of 20");
    const kinds = work
      .rows<Row>("a.jsonl")
      .flatMap((row) => row.instruction_id_list);
    expect([...new Set(kinds)].sort()).toEqual([
      "detectable_format:title",
      "punctuation:no_comma",
    ]);
  });

  test.each([
    [
      graded("punctuation:no_comma", 20),
      "No kind is left: of those asked for none was met between 15 % and 85 %",
      EXIT_CODES.USAGE,
    ],
    [
      [{ instruction_id_list: ["a", "b"], follow_list_strict: [true] }],
      "graded.jsonl, line 1: there are 2 constraints",
      EXIT_CODES.BAD_INPUT,
    ],
    [
      [{ response: "x" }],
      "graded.jsonl, line 1: the field “instruction_id_list” is missing",
      EXIT_CODES.BAD_INPUT,
    ],
  ])("refuses what leaves none: %j", async (rows, problem, exit) => {
    const work = workFolder();
    work.write("graded.jsonl", rows);
    const { code, stderr } = await work.run(
      ...["constraints", "--out", "a.jsonl", "--difficulty", "graded.jsonl"],
    );
    expect(code).toBe(exit);
    expect(stderr).toContain(problem);
    expect(Object.keys(work.picture())).toEqual(["graded.jsonl"]);
  });
});

test("a kind of another language is refused with the nearest there is", async () => {
  const work = workFolder();
  const { code, stderr } = await work.run(
    ...["constraints", "--out", "a.jsonl", "--kinds", "punctuation:no_coma"],
  );
  expect(code).toBe(EXIT_CODES.USAGE);
  expect(stderr).toContain("Did you mean “punctuation:no_comma”?");
});
