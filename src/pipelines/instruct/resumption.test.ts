import { describe, expect, test } from "vitest";
import { resumption, type RecordedState } from "./resumption.js";

const RECIPE = { accept: 20, seed: 1, model: "m" };
const state = (change: Partial<RecordedState> = {}): RecordedState => ({
  folder: "run",
  recipe: RECIPE,
  answers: 9,
  stages: 2,
  accepted: 12,
  givenUp: 0,
  ...change,
});

describe("a folder", () => {
  test.each([
    ["go-on", "that is new", state({ recipe: undefined }), RECIPE],
    ["go-on", "of the same run", state(), RECIPE],
    ["renew", "with questions given up", state({ givenUp: 1 }), RECIPE],
    ["renew", "asked for more", state(), { ...RECIPE, accept: 21 }],
    ["renew", "asked for what it has", state(), { ...RECIPE, accept: 12 }],
    [
      "reset",
      "of another run that never began",
      state({ answers: 0, stages: 0 }),
      { ...RECIPE, model: "n" },
    ],
    // The ledger refuses these two, naming the keys.
    ["go-on", "of another model", state(), { ...RECIPE, model: "n" }],
    [
      "go-on",
      "of another seed and more",
      state({ givenUp: 1 }),
      { ...RECIPE, accept: 30, seed: 2 },
    ],
  ] as const)("is to %s: one %s", (how, _what, recorded, wanted) => {
    expect(resumption(recorded, wanted)).toBe(how);
  });

  test("asked for fewer than it accepted is refused", () => {
    expect(() => resumption(state(), { ...RECIPE, accept: 11 })).toThrow(
      /has accepted 12 instructions already/,
    );
  });
});
