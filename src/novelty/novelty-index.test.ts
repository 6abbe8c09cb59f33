import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomStream } from "../foundation/random.js";
import { MatchMasks } from "../text/rouge-l-match-masks.js";
import { rougeFMeasure } from "../text/rouge-l.js";
import type { Neighbour } from "./nearest-search.js";
import type { NoveltyDecision } from "./novelty-index.js";
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
    // Whatever was prepared, the answers are the same.
    index.prepare(pool.length % 3, { nearest: pool.length % 2 === 0 });
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

/** The tokens of a text mixed with themselves: same multiset, other order. */
const anagrams = words(6, 25).chain((text) =>
  fc.array(fc.shuffledSubarray(text, { minLength: text.length }), {
    maxLength: 30,
  }),
);

/** Unicode tokens, some differing only in composition. */
const unicodeTexts = fc.array(
  fc.array(fc.constantFrom("写", "故", "事", "é", "e\u0301", "😀", "", "a"), {
    maxLength: 12,
  }),
  { maxLength: 40 },
);

/** Around one machine word, several words, and the index's table of lengths. */
const longTexts = fc
  .tuple(
    fc.constantFrom(31, 32, 33, 64, 100, 1022, 1023, 1024, 1500),
    fc.array(fc.tuple(fc.nat(2000), fc.nat(40)), { maxLength: 8 }),
  )
  .map(([length, edits]) => {
    const base = Array.from({ length }, (_, i) => String((i * i) % 37));
    return [
      base,
      ...edits.map(([at, count]) => {
        const text = [...base];
        text.splice(at % length, count, "x", "y");
        return text;
      }),
      base.slice(0, Math.floor(length / 2)),
      base.slice(Math.floor(length / 3)),
    ];
  });

const thresholds = fc.constantFrom(0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1);

describe("NoveltyIndex decides and names the nearest as brute force does", () => {
  test("on edits of a few texts", () => {
    fc.assert(fc.property(relatedTexts, thresholds, expectSameAsBruteForce), {
      numRuns: 300,
    });
  });

  test("on texts of a tiny vocabulary, empty ones and single tokens among them", () => {
    fc.assert(
      fc.property(
        fc
          .integer({ min: 1, max: 4 })
          .chain((vocabulary) =>
            fc.array(words(vocabulary, 10), { maxLength: 50 }),
          ),
        thresholds,
        expectSameAsBruteForce,
      ),
      { numRuns: 200 },
    );
  });

  test("on equal multisets in other orders", () => {
    fc.assert(fc.property(anagrams, thresholds, expectSameAsBruteForce), {
      numRuns: 200,
    });
  });

  test("on unicode tokens", () => {
    fc.assert(fc.property(unicodeTexts, thresholds, expectSameAsBruteForce), {
      numRuns: 100,
    });
  });

  test("on long texts, over several machine words and beyond the tables", () => {
    fc.assert(
      fc.property(
        longTexts,
        fc.constantFrom(0.5, 0.7, 0.9),
        expectSameAsBruteForce,
      ),
      { numRuns: 6 },
    );
  });

  test("on texts crowded enough to split the index's lists several times over", () => {
    // 800 texts over 24 words, the first far more frequent: lists of hundreds of
    // records, split to several tokens deep, and four rebuilds.
    for (const threshold of [0.4, 0.7]) {
      const stream = randomStream(7, "crowded", threshold);
      const index = new NoveltyIndex({ threshold });
      const pool: Int32Array[] = [];
      const masks = new MatchMasks();
      let rejected = 0;
      for (let i = 0; i < 800; i++) {
        const text = Int32Array.from({ length: 6 + stream.integer(8) }, () =>
          Math.floor(24 * stream.next() ** 3),
        );
        masks.load(text, text.length);
        let best: Neighbour = { id: -1, score: -1 };
        pool.forEach((member, id) => {
          const lcs = masks.lcs(member, 0, member.length);
          const score = rougeFMeasure(lcs, member.length, text.length);
          if (score > best.score) best = { id, score };
        });
        const tokens = [...text].map(String);
        const reject = best.score > threshold;
        expect(index.probe(tokens)).toEqual(
          reject ? { accepted: false, nearest: best } : { accepted: true },
        );
        // Every other rejected text joins all the same, to crowd the lists.
        if (!reject || ++rejected % 2 === 0) {
          index.add(tokens);
          pool.push(text);
        }
      }
      expect(rejected).toBeGreaterThan(100);
    }
  });

  test("at thresholds above and below the one the index was made for", () => {
    fc.assert(
      fc.property(
        relatedTexts,
        thresholds,
        thresholds,
        (texts, made, asked) => {
          const index = new NoveltyIndex({ threshold: made });
          texts.forEach((tokens, i) => {
            expect(index.probe(tokens, asked)).toEqual(
              bruteDecision(texts.slice(0, i), tokens, asked),
            );
            index.add(tokens);
          });
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe("NoveltyIndex", () => {
  test("accepts a score equal to the threshold and rejects the next one above", () => {
    // LCS 7 of 10 and 10 tokens: P = R = 0.7, F = 2·0.7·0.7/1.4 = 0.7 exactly as
    // rouge_score computes it; LCS 8: 0.8.
    const base = "a b c d e f g h i j".split(" ");
    const index = new NoveltyIndex();
    index.add(base);
    expect(rougeFMeasure(7, 10, 10)).toBe(0.7);
    expect(index.probe([...base.slice(0, 7), "x", "y", "z"]).accepted).toBe(
      true,
    );
    expect(index.probe([...base.slice(0, 8), "y", "z"])).toEqual({
      accepted: false,
      nearest: { id: 0, score: rougeFMeasure(8, 10, 10) },
    });
  });

  test("rejects at a float a hair above the threshold where real numbers would tie", () => {
    // 2·21/(n+m) with n+m = 60 is 0.7; with n = 21, m = 39 the floats of P, R and
    // F may end above or below. Whatever they do, the index must do.
    for (const [n, m] of [
      [21, 39],
      [22, 38],
      [25, 35],
      [29, 31],
    ] as const) {
      const left = Array.from({ length: n }, (_, i) => `t${i}`);
      const right = [
        ...left.slice(0, 21),
        ...Array.from({ length: m - 21 }, (_, i) => `u${i}`),
      ];
      const index = new NoveltyIndex();
      index.add(left);
      expect(index.probe(right).accepted).toBe(
        !(rougeFMeasure(21, n, m) > 0.7),
      );
    }
  });

  test("names the earliest of equally similar members", () => {
    const index = new NoveltyIndex();
    index.add(["a", "b", "c", "x"]);
    index.add(["a", "b", "c", "d"]);
    index.add(["a", "b", "c", "d"]);
    expect(index.probe(["a", "b", "c", "d"])).toEqual({
      accepted: false,
      nearest: { id: 1, score: 1 },
    });
    // One of three tokens in common with each member.
    expect(index.nearest(["q", "a"])?.id).toBe(0);
  });

  test("accepts everything into an empty pool and knows no nearest there", () => {
    const index = new NoveltyIndex({ threshold: 0 });
    expect(index.probe(["a"])).toEqual({ accepted: true });
    expect(index.nearest(["a"])).toBeUndefined();
  });

  test("names the first member with score 0 when nothing is in common", () => {
    const index = new NoveltyIndex();
    index.add(["a"]);
    index.add([]);
    expect(index.nearest(["z"])).toEqual({ id: 0, score: 0 });
    expect(index.nearest([])).toEqual({ id: 0, score: 0 });
  });

  test("rejects nothing at threshold 1 and every common word at threshold 0", () => {
    const strict = new NoveltyIndex({ threshold: 0 });
    const lax = new NoveltyIndex({ threshold: 1 });
    for (const index of [strict, lax]) index.add(["a", "b", "c"]);
    expect(lax.probe(["a", "b", "c"]).accepted).toBe(true);
    expect(strict.probe(["z", "c"]).accepted).toBe(false);
    expect(strict.probe(["z"]).accepted).toBe(true);
  });

  test("refuses a threshold outside 0 … 1 with a remedy", () => {
    for (const threshold of [-0.1, 1.1, NaN, 70]) {
      expect(() => new NoveltyIndex({ threshold })).toThrow(
        `The novelty threshold is ${threshold}; a ROUGE-L score lies between 0 and 1.`,
      );
    }
  });

  test("offers: a new text joins, a similar one does not", () => {
    const index = new NoveltyIndex();
    expect(index.offer(["a", "b"])).toEqual({ accepted: true, id: 0 });
    expect(index.offer(["a", "b"])).toEqual({
      accepted: false,
      nearest: { id: 0, score: 1 },
    });
    expect(index.size).toBe(1);
  });
});

describe("a stored pool", () => {
  const texts = [
    ["write", "a", "story"],
    [],
    ["写", "一", "个", "故", "事"],
    ["a", "story", "about", "\ud83d", "a", "dog"],
  ];
  const label = "unicode";

  test("answers as the pool it was made from, in one segment or several", () => {
    fc.assert(
      fc.property(
        relatedTexts,
        fc.array(fc.nat(60), { maxLength: 3 }),
        (members, cuts) => {
          const index = new NoveltyIndex();
          const segments: Uint8Array[] = [];
          let stored = 0;
          members.forEach((tokens, i) => {
            index.add(tokens);
            if (cuts.includes(i)) {
              segments.push(index.serialize(label, stored));
              stored = index.size;
            }
          });
          segments.push(index.serialize(label, stored));
          const restored = NoveltyIndex.restore(segments, { label });
          expect(restored.size).toBe(index.size);
          for (const tokens of members) {
            const probe = tokens.slice(1);
            expect(restored.probe(probe)).toEqual(index.probe(probe));
            expect(restored.nearest(probe)).toEqual(index.nearest(probe));
          }
          expect(restored.serialize(label)).toEqual(index.serialize(label));
        },
      ),
      { numRuns: 50 },
    );
  });

  test("goes on growing after it was restored", () => {
    const index = new NoveltyIndex();
    for (const text of texts) index.add(text);
    const restored = NoveltyIndex.restore([index.serialize(label)], { label });
    expect(restored.offer(["a", "new", "one"])).toEqual({
      accepted: true,
      id: 4,
    });
  });

  test("takes about two bytes a token", () => {
    const index = new NoveltyIndex();
    for (let i = 0; i < 100; i++) {
      index.add(Array.from({ length: 20 }, (_, j) => `w${(i * j) % 500}`));
    }
    expect(index.serialize(label).length).toBeLessThan(
      2 * 2000 + 8 * 500 + 200,
    );
  });

  test.each([
    ["cut short", (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 1)],
    ["empty", () => new Uint8Array()],
    [
      "changed in one bit",
      (bytes: Uint8Array) =>
        bytes.map((byte, i) => (i === 30 ? byte ^ 1 : byte)),
    ],
  ])("that is %s is refused", (_what, damage) => {
    const index = new NoveltyIndex();
    for (const text of texts) index.add(text);
    expect(() =>
      NoveltyIndex.restore([damage(index.serialize(label))], { label }),
    ).toThrow(
      /^A stored segment of the novelty pool .* Restore the run folder/,
    );
  });

  test("of another tokenizer is refused", () => {
    const index = new NoveltyIndex();
    index.add(["a"]);
    expect(() =>
      NoveltyIndex.restore([index.serialize("rouge")], { label }),
    ).toThrow(
      "was made with “rouge” tokens, but “unicode” ones were asked for",
    );
  });

  test("with a segment missing is refused", () => {
    const index = new NoveltyIndex();
    index.add(["a"]);
    index.add(["b"]);
    expect(() =>
      NoveltyIndex.restore([index.serialize(label, 1)], { label }),
    ).toThrow("begins with record 1, where record 0 was expected");
  });
});

test("a pool of a few texts many times over is searched as if each were there once", () => {
  const words = "make a list of good bad old new short long words".split(" ");
  const random = randomStream(3, "repeats");
  const texts = Array.from({ length: 12 }, () =>
    Array.from({ length: 8 }, () => random.pick(words)),
  );
  const repeated = Array.from(
    { length: 300 },
    (_, i) => texts[i % texts.length] as readonly string[],
  );
  const index = new NoveltyIndex({ threshold: 0.7 });
  for (const tokens of repeated) index.add(tokens);
  expect(index.size).toBe(300);
  for (const tokens of texts) {
    const changed = [...tokens.slice(1), "else"];
    for (const asked of [tokens, changed])
      expect(index.probe(asked)).toEqual(bruteDecision(repeated, asked, 0.7));
  }
});

test("prepare does its share of the work and says when nothing is left", () => {
  const index = new NoveltyIndex();
  expect(index.prepare(10, { nearest: true })).toBe(true);
  for (let i = 0; i < 25; i++) index.add([`w${i}`]);
  const shares = (nearest: boolean): boolean[] =>
    [1, 2, 3].map(() => index.prepare(10, { nearest }));
  expect(shares(false)).toEqual([false, false, true]);
  // The other index has had none of them yet.
  expect(shares(true)).toEqual([false, false, true]);
});
