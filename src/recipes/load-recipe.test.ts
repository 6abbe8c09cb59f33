/**
 * @file Recipe files: what is accepted, and what an author is told otherwise.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { AutodidactError } from "../foundation/error.js";
import { loadRecipe, parseRecipe } from "./load-recipe.js";
import { recipeModel, recipeName, recipePath } from "./schema-keys.js";

const schema = z.strictObject({
  seed: z.int().min(0).default(1),
  seeds: z.strictObject({ ift: recipePath(), eft: recipePath().optional() }),
  training: z
    .strictObject({
      learningRate: z.number().positive().default(1e-3),
      loss: z.enum(["sigmoid", "ipo"]).default("sigmoid"),
      shuffle: z.boolean().default(true),
    })
    .prefault({}),
  judge: z
    .discriminatedUnion("mode", [
      z.strictObject({ mode: z.literal("sampled"), samples: z.int().min(1) }),
      z.strictObject({ mode: z.literal("expected") }),
    ])
    .optional(),
  steps: z.union([z.int(), z.literal("auto")]).default("auto"),
  arms: z.array(z.strictObject({ name: z.string().min(1) })).default([]),
});

const MINIMAL = "seeds:\n  ift: a.jsonl\n";

function failure(text: string): AutodidactError {
  try {
    parseRecipe(text, "r.yaml", schema);
  } catch (error) {
    if (error instanceof AutodidactError) return error;
    throw error;
  }
  throw new Error("the recipe was accepted");
}

test("of thousands of unknown keys the first are told, and how many more there are", () => {
  const keys = Array.from({ length: 5000 }, (_, i) => `k${i}: 1`);
  const lines = failure(`${MINIMAL}${keys.join("\n")}`).message.split("\n");
  expect(lines).toHaveLength(21);
  expect(lines[0]).toContain('Unknown key "k0"');
  expect(lines.at(-1)).toBe(
    'r.yaml, line 23: 4,980 more unknown keys, the first being "k20".',
  );
});

test.each(["-", "/dev/stdin"])(
  "a recipe from standard input (%s) is refused by name",
  async (path) => {
    await expect(loadRecipe(path, schema)).rejects.toMatchObject({
      code: "BAD_INPUT",
      message: expect.stringContaining(
        `The recipe ${path} is standard input or a pipe`,
      ) as string,
    });
  },
);

describe("an accepted recipe", () => {
  test("gets the schema's defaults and absolute paths beside the recipe file", () => {
    expect(parseRecipe(MINIMAL, "/recipes/r.yaml", schema)).toEqual({
      seed: 1,
      seeds: { ift: "/recipes/a.jsonl" },
      training: { learningRate: 1e-3, loss: "sigmoid", shuffle: true },
      steps: "auto",
      arms: [],
    });
  });

  test("keeps absolute paths and climbs with dots", () => {
    const recipe = parseRecipe(
      "seeds:\n  ift: /data/a.jsonl\n  eft: ../b.jsonl\n",
      "/recipes/r.yaml",
      schema,
    );
    expect(recipe.seeds).toEqual({ ift: "/data/a.jsonl", eft: "/b.jsonl" });
  });
});

describe("a model", () => {
  const withModel = z.strictObject({ base: recipeModel() });
  const baseOf = (base: string, path = "/recipes/r.yaml") =>
    parseRecipe(`base: ${base}`, path, withModel).base;

  test("is a Hub id when it looks like one, with or without a revision", () => {
    expect(baseOf("HuggingFaceTB/SmolLM2-135M")).toBe(
      "HuggingFaceTB/SmolLM2-135M",
    );
    expect(baseOf("owner/name@v1.0")).toBe("owner/name@v1.0");
  });

  test("is a folder beside the recipe when it is written as a path", () => {
    expect(baseOf("../nursery/m0")).toBe("/nursery/m0");
    expect(baseOf("./models/mine")).toBe("/recipes/models/mine");
    expect(baseOf("models/of/mine")).toBe("/recipes/models/of/mine");
    expect(baseOf("/models/mine")).toBe("/models/mine");
  });

  test("is the folder when a folder of the id's name lies beside the recipe", async () => {
    const folder = await mkdtemp(join(tmpdir(), "recipe-model-"));
    await mkdir(join(folder, "owner/name"), { recursive: true });
    expect(baseOf("owner/name", join(folder, "r.yaml"))).toBe(
      join(folder, "owner/name"),
    );
    await rm(folder, { recursive: true });
  });
});

describe("an unknown key", () => {
  test("is quoted with its full path, its line and the nearest key beside it", () => {
    const error = failure(
      `${MINIMAL}training:\n  shuffle: true\n  lerningRate: 1\n`,
    );
    expect(error.code).toBe("USAGE");
    expect(error.message).toBe(
      'r.yaml, line 5: Unknown key "training.lerningRate". Did you mean "training.learningRate"?',
    );
  });

  test("that exists elsewhere names the place", () => {
    expect(failure(`${MINIMAL}loss: ipo\n`).message).toBe(
      'r.yaml, line 3: Unknown key "loss". Did you mean "training.loss"?',
    );
  });

  test("that resembles nothing lists what is known there", () => {
    expect(failure(`${MINIMAL}  qqq: 1\n`).message).toBe(
      'r.yaml, line 3: Unknown key "seeds.qqq". Known here: ift, eft.',
    );
  });

  test("inside a list entry is quoted with its index", () => {
    expect(
      failure(`${MINIMAL}arms:\n  - name: a\n  - name: b\n    nam: c\n`)
        .message,
    ).toBe(
      'r.yaml, line 6: Unknown key "arms[1].nam". Did you mean "arms[1].name"?',
    );
  });
});

test.each(["__proto__", "constructor", "toString", "hasOwnProperty"])(
  "%s is an unknown key like any other, wherever it stands",
  (key) => {
    const message = `Unknown key "training.${key}"`;
    for (const value of ["", "{a: 1}", "[x]"]) {
      const { code } = failure(`${MINIMAL}${key}: ${value}\n`);
      expect(code).toBe("USAGE");
      expect(
        failure(`${MINIMAL}training:\n  ${key}: ${value}\n`).message,
      ).toContain(message);
    }
  },
);

describe("a wrong value", () => {
  test.each([
    ["seed: fast", '"seed" expects a number, got the text "fast".'],
    ["seed: 1.5", '"seed" expects a whole number, got 1.5.'],
    ["seed: -1", '"seed" expects a number of at least 0, got -1.'],
    ["seed: [1, 2]", '"seed" expects a number, got a list of 2 entries.'],
    [
      "training: {loss: ip}",
      '"training.loss" expects one of "sigmoid", "ipo", got the text "ip". Did you mean "ipo"?',
    ],
    [
      "training: {shuffle: 1}",
      '"training.shuffle" expects true or false, got 1.',
    ],
    [
      "training: {learningRate: 0}",
      '"training.learningRate" expects a number of more than 0, got 0.',
    ],
    ["training: 3", '"training" expects a group of keys, got 3.'],
    [
      "judge: {mode: sampld}",
      '"judge.mode" expects one of "sampled", "expected", got the text "sampld". Did you mean "sampled"?',
    ],
    [
      "judge: {mode: sampled}",
      'The key "judge.samples" is missing; it needs a number.',
    ],
    [
      "steps: many",
      '"steps" expects a number, or "auto", got the text "many".',
    ],
    [
      'arms: [{name: ""}]',
      '"arms[0].name" expects text that is not empty, got the text "".',
    ],
  ])("%s is told as: %s", (line, sentence) => {
    expect(failure(`${MINIMAL}${line}\n`).message).toBe(
      `r.yaml, line 3: ${sentence}`,
    );
  });

  test("and another one are told together, in the order of the file", () => {
    expect(
      failure("seed: x\nseeds: {}\nsteps: y\n").message.split("\n"),
    ).toEqual([
      'r.yaml, line 1: "seed" expects a number, got the text "x".',
      'r.yaml, line 2: The key "seeds.ift" is missing; it needs text.',
      'r.yaml, line 3: "steps" expects a number, or "auto", got the text "y".',
    ]);
  });
});

describe("a file that is no recipe", () => {
  test("with broken YAML is an error with the line", () => {
    const error = failure("seed: 1\nseeds: [a\n");
    expect(error.code).toBe("BAD_INPUT");
    expect(error.message).toMatch(/^r\.yaml, line [23]: this is not YAML: /);
  });

  test("with a key written twice is an error with the line", () => {
    expect(failure("seed: 1\nseed: 2\n").message).toBe(
      "r.yaml, line 2: this is not YAML: a mapping has this key twice. Mend the line.",
    );
  });

  test("that is empty says what it should be", () => {
    expect(failure("").message).toBe(
      'r.yaml, line 1: "(recipe)" expects a group of keys, got nothing (null).',
    );
  });
});

describe("on the disk", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "recipe-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test("a recipe is read and its paths lie beside it", async () => {
    const path = join(folder, "r.yaml");
    await writeFile(path, MINIMAL);
    const recipe = await loadRecipe(path, schema);
    expect(recipe.seeds.ift).toBe(join(folder, "a.jsonl"));
  });

  test("a missing recipe is bad input that names the file", async () => {
    const path = join(folder, "none.yaml");
    await expect(loadRecipe(path, schema)).rejects.toMatchObject({
      code: "BAD_INPUT",
      details: { path },
    });
  });
});

describe("what is not ours in a recipe", () => {
  const schema = z.strictObject({ name: recipeName() });

  test.each([
    "..",
    "../x",
    "a/b",
    "a\\b",
    ".hidden",
    "",
    " x",
    "x.",
    "a\u001b[2J",
    "x".repeat(101),
  ])("is no name of a folder: %j", (name) => {
    expect(() =>
      parseRecipe(`name: ${JSON.stringify(name)}`, "recipe.yaml", schema),
    ).toThrow(/"name": It names a folder/);
  });

  test.each(["nursery-2", "v1.5", "中文数据", "two words", "_x"])(
    "may be one: %s",
    (name) => {
      expect(parseRecipe(`name: ${name}`, "recipe.yaml", schema)).toEqual({
        name,
      });
    },
  );

  test("reaches the terminal without its control codes", () => {
    let message = "";
    try {
      parseRecipe('"\\e[2Jnam\\u202e": 1\nname: a', "recipe.yaml", schema);
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain('Unknown key "\\u001b[2Jnam\\u202e"');
    expect(message).not.toMatch(/[\u001b\u202e]/);
  });
});
