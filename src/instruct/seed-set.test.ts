import { describe, expect, it } from "vitest";
import { rougeL } from "../text/rouge-l.js";
import { unicodeTokens } from "../text/unicode-tokens.js";
import { wordTokens } from "../text/word-tokens.js";
import {
  checkInstances,
  checkInstruction,
  LANGUAGE_PACKS,
  rulesWithout,
} from "./language-packs/check.js";
import { readBundledSeeds } from "./seed-set.js";

const TOKENS = { rouge: wordTokens, unicode: unicodeTokens };

describe.each(["en", "zh"] as const)("the bundled seed tasks in %s", (id) => {
  it("are 175, of which 25 are classification tasks, with one instance each", async () => {
    const seeds = await readBundledSeeds(id);
    expect(seeds).toHaveLength(175);
    expect(seeds.filter((seed) => seed.is_classification)).toHaveLength(25);
    expect(seeds.every((seed) => seed.instances.length === 1)).toBe(true);
  });

  it("have ids in order, unique snake-case names and nothing but the format's fields", async () => {
    const seeds = await readBundledSeeds(id);
    expect(seeds.map((seed) => seed.id)).toEqual(
      seeds.map((_, index) => `${id}-${String(index + 1).padStart(3, "0")}`),
    );
    const names = seeds.map((seed) => seed.name);
    expect(new Set(names).size).toBe(175);
    for (const name of names) expect(name).toMatch(/^[a-z0-9]+(_[a-z0-9]+)*$/u);
    for (const seed of seeds) {
      expect(Object.keys(seed)).toEqual([
        "id",
        "name",
        "instruction",
        "instances",
        "is_classification",
      ]);
    }
  });

  it("are told apart: no two instructions have a ROUGE-L above 0.7", async () => {
    const tokenize = TOKENS[LANGUAGE_PACKS[id].tokenizer];
    const seeds = (await readBundledSeeds(id)).map((seed) => ({
      instruction: seed.instruction,
      tokens: tokenize(seed.instruction),
    }));
    const close = seeds.flatMap((left, index) =>
      seeds
        .slice(index + 1)
        .filter((right) => rougeL(left.tokens, right.tokens).fMeasure > 0.7)
        .map((right) => [left.instruction, right.instruction]),
    );
    expect(close).toEqual([]);
  });

  it("pass every filter of their language, without exception", async () => {
    const pack = LANGUAGE_PACKS[id];
    const enabled = rulesWithout([]);
    for (const seed of await readBundledSeeds(id)) {
      const verdict = checkInstruction(seed.instruction, pack, enabled);
      expect([seed.name, verdict]).toEqual([seed.name, { accepted: true }]);
      const { rejected } = checkInstances(seed.instances, pack, enabled);
      expect([seed.name, rejected]).toEqual([seed.name, []]);
    }
  });

  it("are varied in form: some with input and some without, questions and orders, many lengths", async () => {
    const seeds = await readBundledSeeds(id);
    const withInput = seeds.filter((seed) => seed.instances[0]?.input !== "");
    expect(withInput.length).toBeGreaterThan(50);
    expect(withInput.length).toBeLessThan(125);
    const questions = seeds.filter((seed) => /[?？]/u.test(seed.instruction));
    expect(questions.length).toBeGreaterThan(25);
    const { length } = LANGUAGE_PACKS[id];
    const lengths = seeds.map((seed) => length(seed.instruction));
    expect(new Set(lengths).size).toBeGreaterThan(20);
  });
});
