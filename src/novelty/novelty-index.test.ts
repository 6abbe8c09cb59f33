import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rougeFMeasure } from "../text/rouge-l.js";
import type { Neighbour, NoveltyDecision } from "./novelty-index.js";
import { NoveltyIndex } from "./novelty-index.js";

/** The textbook table, with nothing shared with the code under test. */
function tableLcs(left: readonly string[], right: readonly string[]): number {
  let above = new Array<number>(right.length + 1).fill(0);
  for (const token of left) {
    const row = [0];
    right.forEach((other, j) => {
      row.push(
        token === other
          ? (above[j] as number) + 1
          : Math.max(row[j] as number, above[j + 1] as number),
      );
    });
    above = row;
  }
  return above.at(-1) as number;
}

function bruteNearest(
  pool: readonly (readonly string[])[],
  tokens: readonly string[],
): Neighbour | undefined {
  let best: Neighbour | undefined;
  pool.forEach((member, id) => {
    const score = rougeFMeasure(
      tableLcs(member, tokens),
      member.length,
      tokens.length,
    );
    if (best === undefined || score > best.score) best = { id, score };
  });
  return best;
}

function bruteDecision(
  pool: readonly (readonly string[])[],
  tokens: readonly string[],
  threshold: number,
): NoveltyDecision {
  const nearest = bruteNearest(pool, tokens);
  return nearest !== undefined && nearest.score > threshold
    ? { accepted: false, nearest }
    : { accepted: true };
}

/** Runs the filter both ways; everything that can be asked must agree. */
function expectSameAsBruteForce(
  texts: readonly (readonly string[])[],
  threshold: number,
): void {
  const index = new NoveltyIndex({ threshold });
  const pool: (readonly string[])[] = [];
  for (const tokens of texts) {
    const decision = index.probe(tokens);
    expect(decision).toEqual(bruteDecision(pool, tokens, threshold));
    expect(index.nearest(tokens)).toEqual(bruteNearest(pool, tokens));
    if (decision.accepted) {
      expect(index.add(tokens)).toBe(pool.length);
      pool.push(tokens);
    }
  }
}

const words = (vocabulary: number, maxLength: number) =>
  fc.array(fc.nat(vocabulary - 1).map(String), { maxLength });

/** Texts that share much: edits of a few base texts, some in another order. */
const relatedTexts = fc
  .tuple(
    fc.array(words(12, 30), { minLength: 1, maxLength: 4 }),
    fc.array(
      fc.record({
        base: fc.nat(3),
        cuts: fc.array(fc.nat(29), { maxLength: 5 }),
        inserts: fc.array(fc.tuple(fc.nat(29), fc.nat(20).map(String)), {
          maxLength: 5,
        }),
        reversed: fc.boolean(),
      }),
      { maxLength: 60 },
    ),
  )
  .map(([bases, edits]) =>
    edits.map(({ base, cuts, inserts, reversed }) => {
      const text = [...(bases[base % bases.length] as string[])];
      for (const cut of cuts) text.splice(cut, 1);
      for (const [at, token] of inserts) text.splice(at, 0, token);
      return reversed ? text.reverse() : text;
    }),
  );

const thresholds = fc.constantFrom(0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1);

describe("NoveltyIndex", () => {
  test("decides and names the nearest as brute force does on related texts", () => {
    fc.assert(fc.property(relatedTexts, thresholds, expectSameAsBruteForce), {
      numRuns: 300,
    });
  });
});
