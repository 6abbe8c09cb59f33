import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { constraintsOf } from "./constrained-prompts.js";
import { CONSTRAINT_IDS, followed } from "./constraints.js";
import { ifbench } from "./ifbench.js";

const FIXTURES = new URL("../../../../test/fixtures/ifeval/", import.meta.url);

function rows<T>(name: string): T[] {
  return readFileSync(new URL(name, FIXTURES), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as T);
}

interface PromptRow {
  readonly key: number;
  readonly instruction_id_list: readonly string[];
  readonly kwargs: readonly Readonly<Record<string, unknown>>[];
}

interface VerdictRow {
  readonly key: number;
  readonly response: string;
  readonly reference_strict: readonly boolean[];
  readonly reference_loose: readonly boolean[];
}

const PROMPTS = new Map(
  rows<PromptRow>("prompts.jsonl").map((row) => [row.key, row]),
);
const VERDICTS = rows<VerdictRow>("verdicts.jsonl");
const PLACE = { path: "p.jsonl", line: 3 };

function check(id: string, kwargs: Record<string, unknown>, response: string) {
  const checks = constraintsOf(
    { instruction_id_list: [id], kwargs: [kwargs] },
    PLACE,
  );
  return followed(checks, response).strict[0];
}

describe("verdicts", () => {
  test("are those of the reference on every answer", () => {
    for (const { key, response, ...reference } of VERDICTS) {
      const prompt = PROMPTS.get(key);
      if (prompt === undefined) throw new Error(`no prompt ${key}`);
      expect(
        followed(constraintsOf(prompt, PLACE), response),
        JSON.stringify([prompt.instruction_id_list, prompt.kwargs, response]),
      ).toEqual({
        strict: reference.reference_strict,
        loose: reference.reference_loose,
      });
    }
  });

  test("go both ways for each of IFEval's kinds", () => {
    const seen = new Set(
      VERDICTS.flatMap(({ key, reference_strict }) =>
        reference_strict.map(
          (verdict, i) =>
            `${PROMPTS.get(key)?.instruction_id_list[i]} ${verdict}`,
        ),
      ),
    );
    const wanted = CONSTRAINT_IDS.filter(
      (id) => !id.startsWith("zh:") && !Object.hasOwn(ifbench, id),
    );
    expect(wanted).toHaveLength(25);
    expect([...seen].sort()).toEqual(
      wanted.flatMap((id) => [`${id} false`, `${id} true`]).sort(),
    );
  });
});

describe("Chinese counterparts", () => {
  test.each([
    [
      "number_characters",
      { num_characters: 4, relation: "at least" },
      "你好，世界 a",
      true,
    ],
    [
      "number_characters",
      { num_characters: 5, relation: "at least" },
      "你好，世界 a",
      false,
    ],
    [
      "number_sentences",
      { num_sentences: 3, relation: "at least" },
      "早。你好！好吗？！",
      true,
    ],
    [
      "number_sentences",
      { num_sentences: 3, relation: "less than" },
      "早。……你好",
      true,
    ],
    ["no_comma", {}, "早、晚", false],
    ["no_comma", {}, "早，晚", false],
    ["no_comma", {}, "早晚。", true],
    ["quotation", {}, " 「早」\n", true],
    ["quotation", {}, "“早”晚", false],
    ["title", {}, "《静夜思》", true],
    ["title", {}, "《 》", false],
  ])("%s %j of %s: %s", (name, kwargs, response, verdict) => {
    expect(check(`zh:${name}`, kwargs, response)).toBe(verdict);
  });

  test("a response in Chinese is told from one that is not", () => {
    const kind = "language:response_language";
    const chinese = "今天的天气很好，我们一起去公园散步吧。";
    expect(check(kind, { language: "zh" }, chinese)).toBe(true);
    expect(check(kind, { language: "zh" }, "The weather is fine today.")).toBe(
      false,
    );
  });
});

test("a letter of no alphabet is counted, where the reference takes one by chance", () => {
  const kwargs = { letter: "#", let_frequency: 2, let_relation: "at least" };
  const kind = "keywords:letter_frequency";
  expect(check(kind, kwargs, "# a\n## b")).toBe(true);
  expect(check(kind, kwargs, "# a")).toBe(false);
});

describe("rows that do not fit", () => {
  test.each([
    [
      ["punctuation:no_coma"],
      [{}],
      "the constraint “punctuation:no_coma” is not known. Did you mean “punctuation:no_comma”?",
    ],
    [
      ["toString"],
      [{}],
      "the constraint “toString” is not known. docs/verifiers.md lists",
    ],
    [
      ["punctuation:no_comma"],
      [],
      "there are 1 constraints in “instruction_id_list” and 0 objects in “kwargs”",
    ],
    [["detectable_format:title"], [{ num: 3 }], "p.jsonl, line 3: "],
    [
      ["length_constraints:number_words"],
      [{ num_words: 0, relation: "at least" }],
      "the field “num_words” is the number 0: it must be at least 1",
    ],
    [
      ["length_constraints:number_words"],
      [{ num_words: 5 }],
      "the field “relation” is missing",
    ],
    [
      ["length_constraints:number_words"],
      [{ num_words: 5, relation: "at most" }],
      'the field “relation” is text: it must be "less than" or "at least"',
    ],
    [
      ["keywords:existence"],
      [{ keywords: ["fine", "c++"] }],
      "the field “keywords[1]” is text: it is no regular expression",
    ],
    [
      ["detectable_format:multiple_sections"],
      [{ section_spliter: "(", num_sections: 2 }],
      "the field “section_spliter” is text: it is no regular expression",
    ],
    [
      ["detectable_content:postscript"],
      [{ postscript_marker: "*" }],
      "the field “postscript_marker” is text: it is no regular expression",
    ],
  ])("%j %j", (ids, kwargs, problem) => {
    expect(() =>
      constraintsOf({ instruction_id_list: ids, kwargs }, PLACE),
    ).toThrow(problem);
  });

  test("a postscript is looked for by any marker, also one that objects have", () => {
    const kwargs = { postscript_marker: "constructor" };
    const id = "detectable_content:postscript";
    expect(check(id, kwargs, "Done. Constructor: a note")).toBe(true);
    expect(check(id, kwargs, "Done. A note")).toBe(false);
  });

  test("arguments that are null or empty count as absent", () => {
    const kwargs = { num_words: null, keywords: [], language: "" };
    expect(check("punctuation:no_comma", kwargs, "a b")).toBe(true);
  });
});
