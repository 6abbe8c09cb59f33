import { describe, expect, it } from "vitest";
import { groupByPrompt } from "../candidate.js";
import { choosePair } from "./pair-rules.js";

const SETTINGS = { finishedOnly: true, minMargin: 0 };

const candidate = (rowId: number, score: number | null, finished = true) => ({
  rowId,
  score,
  finished,
});

const choose = (
  candidates: readonly ReturnType<typeof candidate>[],
  settings = SETTINGS,
) => {
  const choice = choosePair(candidates, settings);
  return "rule" in choice
    ? choice.rule
    : [choice.chosen.rowId, choice.rejected.rowId];
};

describe("the pair of a prompt", () => {
  it("is the best answer against the worst, the earlier one where scores are equal", () => {
    expect(
      choose([
        candidate(1, 3),
        candidate(2, 5),
        candidate(3, 1),
        candidate(4, 5),
      ]),
    ).toEqual([2, 3]);
    expect(choose([candidate(1, 1), candidate(2, 1), candidate(3, 2)])).toEqual(
      [3, 1],
    );
  });

  it("never has an unscored answer on either side, not even as rejected", () => {
    expect(
      choose([candidate(1, null), candidate(2, 2), candidate(3, 4)]),
    ).toEqual([3, 2]);
    expect(choose([candidate(1, null), candidate(2, 5)])).toBe(
      "too-few-scored",
    );
  });

  it("is dropped when best and worst tie, or differ by no more than the margin", () => {
    expect(choose([candidate(1, 3), candidate(2, 3)])).toBe("tie");
    const wide = { ...SETTINGS, minMargin: 1 };
    expect(choose([candidate(1, 3), candidate(2, 4)], wide)).toBe(
      "small-margin",
    );
    expect(choose([candidate(1, 3), candidate(2, 4.5)], wide)).toEqual([2, 1]);
  });

  it("keeps fractions apart that rounding would tie", () => {
    expect(choose([candidate(1, 14 / 3), candidate(2, 13 / 3)])).toEqual([
      1, 2,
    ]);
  });

  it("chooses finished answers only; an unfinished one may be rejected", () => {
    const answers = [
      candidate(1, 5, false),
      candidate(2, 4),
      candidate(3, 1, false),
    ];
    expect(choose(answers)).toEqual([2, 3]);
    expect(choose(answers, { ...SETTINGS, finishedOnly: false })).toEqual([
      1, 3,
    ]);
    expect(choose([candidate(1, 5, false), candidate(2, 4, false)])).toBe(
      "unfinished",
    );
  });
});

it("groups candidates by prompt in the order given", () => {
  const rows = [2, 1, 2].map((promptId, i) => ({ promptId, i }));
  expect([...groupByPrompt(rows)]).toEqual([
    [2, [rows[0], rows[2]]],
    [1, [rows[1]]],
  ]);
});
