import { describe, expect, it } from "vitest";
import { randomStream } from "../foundation/random.js";
import { InstructionPool } from "./pool.js";

const seeds = Array.from({ length: 10 }, (_, index) => `seed ${index}`);
const wanted = { seed: 6, machine: 2 };

function count(sample: readonly string[], kind: string): number {
  return sample.filter((instruction) => instruction.startsWith(kind)).length;
}

describe("the pool", () => {
  it("keeps the order of entry, seeds first", () => {
    const pool = new InstructionPool(["a", "b"]);
    pool.add("d");
    pool.add("c");
    expect([...pool]).toEqual(["a", "b", "d", "c"]);
    expect(pool.size).toBe(4);
    expect(pool.machineSize).toBe(2);
  });

  it("refuses to start empty", () => {
    expect(() => new InstructionPool([])).toThrow(/pool is empty/u);
  });

  it("fills the places of missing machine-made instructions with seeds", () => {
    const pool = new InstructionPool(seeds);
    const sizes = [0, 1, 2, 3].map((step) => {
      const sample = pool.sample(wanted, randomStream(1, step));
      pool.add(`machine ${step}`);
      expect(new Set(sample).size).toBe(8);
      return [count(sample, "seed"), count(sample, "machine")];
    });
    expect(sizes).toEqual([
      [8, 0],
      [7, 1],
      [6, 2],
      [6, 2],
    ]);
  });

  it("gives a smaller sample when there are too few seeds", () => {
    const pool = new InstructionPool(["seed 0", "seed 1"]);
    expect(pool.sample(wanted, randomStream(1)).sort()).toEqual([
      "seed 0",
      "seed 1",
    ]);
  });

  it("gives the same sample for the same stream and order of entry", () => {
    const [left, right] = [
      new InstructionPool(seeds),
      new InstructionPool(seeds),
    ];
    for (const pool of [left, right]) pool.add("machine 0");
    expect(left.sample(wanted, randomStream(5, "x"))).toEqual(
      right.sample(wanted, randomStream(5, "x")),
    );
    expect(left.sample(wanted, randomStream(5, "x"))).not.toEqual(
      left.sample(wanted, randomStream(5, "y")),
    );
  });

  it("shows a request only what was in the pool at its turn", () => {
    const early = new InstructionPool(seeds);
    const late = new InstructionPool(seeds);
    for (const pool of [early, late]) pool.add("machine 0");
    for (let i = 1; i < 30; i++) late.add(`machine ${i}`);
    expect(late.sample(wanted, randomStream(9), 1)).toEqual(
      early.sample(wanted, randomStream(9)),
    );
  });

  it("draws machine-made and seed instructions evenly", () => {
    const pool = new InstructionPool(seeds);
    for (let i = 0; i < 4; i++) pool.add(`machine ${i}`);
    const drawn = new Map<string, number>();
    for (let round = 0; round < 4000; round++) {
      for (const instruction of pool.sample(wanted, randomStream(3, round))) {
        drawn.set(instruction, (drawn.get(instruction) ?? 0) + 1);
      }
    }
    // 6 of 10 seeds: 2400 each; 2 of 4 machine-made: 2000 each. The standard
    // deviations are 31 and 32, so 160 is five of them.
    for (const [instruction, times] of drawn) {
      const expected = instruction.startsWith("seed") ? 2400 : 2000;
      expect(Math.abs(times - expected)).toBeLessThan(160);
    }
    expect(drawn.size).toBe(14);
  });
});
