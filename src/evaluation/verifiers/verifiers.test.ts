import { describe, expect, test } from "vitest";
import { verifierNamed } from "./verifiers.js";

describe("rows that carry constraints", () => {
  const row = {
    prompt: "Shout.",
    instruction_id_list: ["punctuation:no_comma", "startend:quotation"],
    kwargs: [{}, {}],
  };
  const verifier = verifierNamed("constraints");

  test.each([
    [
      '"hey"',
      {
        ...{ score: 5, correct: true },
        followed: { strict: [true, true], loose: [true, true] },
      },
    ],
    [
      '*"hey"*',
      {
        ...{ score: 2.5, correct: false },
        followed: { strict: [true, false], loose: [true, true] },
      },
    ],
    [
      "",
      {
        ...{ score: 0, correct: false },
        followed: { strict: [false, false], loose: [false, false] },
      },
    ],
  ])("%j", (response, verdict) => {
    expect(verifier?.verify(row, response, true)).toEqual(verdict);
  });

  test.each([
    [{ prompt: "Shout." }],
    [
      {
        ...row,
        instruction_id_list: ["punctuation:none", "startend:quotation"],
      },
    ],
    [{ ...row, kwargs: [{}] }],
  ])("%j is nothing it can read", (unread) => {
    expect(verifier?.verify(unread, '"hey"', true)).toBeNull();
    expect(verifier?.familyOf(unread)).toBeNull();
  });
});

describe("rows that carry their answer", () => {
  const verifier = verifierNamed("exact");

  test.each([
    ["9 * 2 = 18 #### 18", "It is 18.0", 5],
    [18, "It is 19", 0],
  ])("%j", (answer, response, score) => {
    expect(
      verifier?.verify({ prompt: "How many?", answer }, response, true),
    ).toEqual({ score, correct: score === 5 });
  });

  test.each([undefined, "", null])("%j is none", (answer) => {
    expect(verifier?.verify({ prompt: "?", answer }, "18", true)).toBeNull();
  });
});
