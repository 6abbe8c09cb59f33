/**
 * @file Made prompts with constraints: each can be followed, says what is checked, and is
 * unlike the held-out suite.
 */
import { describe, expect, test } from "vitest";
import { constraintsOf } from "../../src/evaluation/verifiers/constraints/constrained-prompts.js";
import {
  CONSTRAINT_IDS,
  followed,
} from "../../src/evaluation/verifiers/constraints/constraints.js";
import { ifbench } from "../../src/evaluation/verifiers/constraints/ifbench.js";
import { TextPool } from "../../src/novelty/text-pool.js";
import {
  heldOutRows,
  HELD_OUT_COUNT,
  kindsIn,
  LANGUAGE_NAMES,
  RESEMBLANCE,
  constrainedRows,
  type ConstrainedRow,
} from "../../src/constrained-prompts/constrained-rows.js";
import { compatible } from "../../src/constrained-prompts/conflicts.js";
import { satisfyingAnswer } from "./satisfying-answer.js";

const PLACE = { path: "made.jsonl", line: 1 };

const rowsOf = (language: "en" | "zh", count: number, seed = 1) =>
  constrainedRows({ language, seed, count, kinds: kindsIn(language) }).rows;

test("every kind that the verifier knows, but IFBench's, is made in some language", () => {
  const made = new Set(LANGUAGE_NAMES.flatMap(kindsIn));
  const known = CONSTRAINT_IDS.filter((id) => !Object.hasOwn(ifbench, id));
  expect([...made].sort()).toEqual(known.sort());
});

describe.each(LANGUAGE_NAMES)("rows in %s", (language) => {
  const training = rowsOf(language, 300);
  const heldOut = heldOutRows(language);

  test("can be followed: an answer built for each passes every check", () => {
    for (const row of [...training, ...heldOut]) {
      const answer = satisfyingAnswer(row, language);
      const { strict } = followed(constraintsOf(row, PLACE), answer);
      expect(strict, JSON.stringify([row, answer])).toEqual(
        row.instruction_id_list.map(() => true),
      );
    }
  });

  test("say in words what is checked: no slot is left, each argument is there", () => {
    for (const { prompt, kwargs } of [...training, ...heldOut]) {
      expect(prompt).not.toMatch(/[{}]|undefined/u);
      for (const value of Object.values(kwargs[0] ?? {}).flat())
        if (typeof value === "number") expect(prompt).toContain(String(value));
    }
  });

  test("have one to three kinds that go together, each kind often", () => {
    const counts = new Map<string, number>();
    for (const { instruction_id_list: ids } of training) {
      expect(ids.length).toBeGreaterThan(0);
      expect(ids.length).toBeLessThan(4);
      ids.forEach((id, i) => {
        counts.set(id, (counts.get(id) ?? 0) + 1);
        for (const other of ids.slice(i + 1))
          expect(compatible(id, other), `${id} ${other}`).toBe(true);
      });
    }
    for (const kind of kindsIn(language))
      expect(counts.get(kind), kind).toBeGreaterThan(5);
  });

  test("follow from the seed, whatever else is asked for", () => {
    expect(rowsOf(language, 300)).toEqual(training);
    expect(rowsOf(language, 40)).toEqual(training.slice(0, 40));
    const prompts = new Set(training.map(({ prompt }) => prompt));
    expect(prompts.size).toBe(training.length);
    const others = rowsOf(language, 40, 2);
    expect(others.filter(({ prompt }) => prompts.has(prompt))).toEqual([]);
  });

  test("resemble no row of the held-out suite, whose own do not resemble each other", () => {
    expect(heldOut).toHaveLength(HELD_OUT_COUNT);
    const pool = new TextPool([], {
      novelty: RESEMBLANCE,
      tokenizer: "unicode",
    });
    for (const { prompt } of heldOut) {
      expect(pool.nearest(prompt)?.score ?? 0).toBeLessThanOrEqual(RESEMBLANCE);
      pool.add(prompt);
    }
    for (const { prompt } of [...training, ...rowsOf(language, 100, 7)])
      expect(pool.nearest(prompt)?.score ?? 0).toBeLessThanOrEqual(RESEMBLANCE);
  });

  test("have names of their own", () => {
    const keys = [...training, ...heldOut].map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

test("only kinds that are asked for are made", () => {
  const kinds = ["punctuation:no_comma", "detectable_format:title"];
  const { rows } = constrainedRows({
    language: "en",
    seed: 1,
    count: 50,
    kinds,
  });
  const seen = new Set(
    rows.flatMap((row: ConstrainedRow) => row.instruction_id_list),
  );
  expect([...seen].sort()).toEqual([...kinds].sort());
});

test("more prompts than there are is an error that says how many there are", () => {
  const kinds = ["detectable_format:constrained_response"];
  expect(() =>
    constrainedRows({ language: "en", seed: 1, count: 1500, kinds }),
  ).toThrow(/Only \d+ of 1500 different prompts can be made of these kinds/u);
});
