import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mergeShards } from "./merge-shards.js";
import type { ShardCandidate } from "./merge-shards.js";
import { NoveltyIndex } from "./novelty-index.js";

const text = fc.array(fc.nat(8).map(String), { maxLength: 8 });

describe("mergeShards", () => {
  test("gives the result of one filter however the candidates were spread", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(text, fc.nat(3)), { maxLength: 60 }),
        fc.array(text, { maxLength: 5 }),
        (placed, pool) => {
          const single = new NoveltyIndex();
          for (const tokens of pool) single.add(tokens);
          const expected = placed.map(([tokens]) => single.offer(tokens));

          const shards: ShardCandidate[][] = [[], [], [], []];
          placed.forEach(([tokens, shard], order) => {
            shards[shard]?.push({ order, tokens });
          });
          const index = new NoveltyIndex();
          for (const tokens of pool) index.add(tokens);
          const merged = [...mergeShards(shards, index)];
          expect(merged.map((row) => row.candidate.order)).toEqual(
            placed.map((_, order) => order),
          );
          expect(merged.map((row) => row.offer)).toEqual(expected);
        },
      ),
    );
  });

  test("accepts what a shard rejected when its rejecter is rejected in the merge", () => {
    // Shard 1 alone: y joins, z (9 of 11 words of y) is rejected by y. In the
    // merge x comes first and rejects y (8 of 10); z shares 7 of 10 and 11 words
    // with x: F = 14/21 = 0.667, so z is new.
    const x = "a b c d e f g h p q".split(" ");
    const y = "a b c d e f g h r s".split(" ");
    const z = "a b c d e f g r s t u".split(" ");
    const alone = new NoveltyIndex();
    expect(alone.offer(y).accepted).toBe(true);
    expect(alone.offer(z).accepted).toBe(false);

    const merged = mergeShards(
      [
        [{ order: 0, tokens: x }],
        [
          { order: 1, tokens: y },
          { order: 2, tokens: z },
        ],
      ],
      new NoveltyIndex(),
    );
    expect([...merged].map((row) => row.offer.accepted)).toEqual([
      true,
      false,
      true,
    ]);
  });

  test("takes the lower shard first at equal places", () => {
    const merged = mergeShards(
      [[{ order: 0, tokens: ["a"] }], [{ order: 0, tokens: ["b"] }]],
      new NoveltyIndex(),
    );
    expect([...merged].map((row) => row.shard)).toEqual([0, 1]);
  });

  test("refuses a shard that is not in order", () => {
    const shard = [
      { order: 5, tokens: ["a"] },
      { order: 3, tokens: ["b"] },
    ];
    expect(() => [...mergeShards([shard], new NoveltyIndex())]).toThrow(
      "Shard 0 has candidate 3 after candidate 5.",
    );
  });
});
