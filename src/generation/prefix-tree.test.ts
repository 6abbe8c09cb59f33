import { expect, it } from "vitest";
import { prefixLeaves, type PrefixNode } from "./prefix-tree.js";

const LIMITS = { shortest: 2, spared: 2, longest: 100 };

/** The stretches from the root to a leaf, as tokens. */
function path({ parent, ids, start, end }: PrefixNode): number[][] {
  return [...(parent === null ? [] : path(parent)), ids.slice(start, end)];
}

const described = (
  sequences: readonly (readonly number[])[],
  limits = LIMITS,
) =>
  prefixLeaves(sequences, limits).map((leaf) => ({
    members: leaf.members,
    path: path(leaf),
  }));

it("shares within groups, and the groups' own beginning above them", () => {
  const found = described([
    [1, 1, 2, 2, 5],
    [1, 1, 3, 3, 6, 6, 6],
    [1, 1, 2, 2, 7, 7],
    [1, 1, 3, 3, 8],
    [9],
  ]);
  expect(found).toEqual([
    {
      members: [1],
      path: [
        [1, 1],
        [3, 3],
        [6, 6, 6],
      ],
    },
    { members: [3], path: [[1, 1], [3, 3], [8]] },
    {
      members: [2],
      path: [
        [1, 1],
        [2, 2],
        [7, 7],
      ],
    },
    { members: [0], path: [[1, 1], [2, 2], [5]] },
    { members: [4], path: [[9]] },
  ]);
});

it("leaves every sequence a token of its own", () => {
  expect(
    described([
      [1, 2, 3, 4],
      [1, 2, 3],
      [1, 2, 3, 5],
    ]),
  ).toEqual([
    {
      members: [0],
      path: [
        [1, 2],
        [3, 4],
      ],
    },
    {
      members: [2],
      path: [
        [1, 2],
        [3, 5],
      ],
    },
    { members: [1], path: [[1, 2], [3]] },
  ]);
});

it("makes one leaf of equal sequences", () => {
  expect(
    described([
      [4, 5, 6],
      [1, 2],
      [4, 5, 6],
    ]),
  ).toEqual([
    { members: [0, 2], path: [[4, 5, 6]] },
    { members: [1], path: [[1, 2]] },
  ]);
});

it("shares nothing that is too short or spares too little", () => {
  const pair = [
    [1, 2, 3, 4],
    [1, 2, 3, 5],
  ];
  const whole = pair.map((ids, i) => ({ members: [i], path: [ids] }));
  expect(described(pair, { ...LIMITS, shortest: 4 })).toEqual(whole);
  expect(described(pair, { ...LIMITS, spared: 4 })).toEqual(whole);
  expect(described(pair, { ...LIMITS, spared: 3 })).not.toEqual(whole);
});

it("cuts what is longer than a stretch may be", () => {
  expect(described([[1, 2, 3, 4, 5]], { ...LIMITS, longest: 2 })).toEqual([
    { members: [0], path: [[1, 2], [3, 4], [5]] },
  ]);
});
