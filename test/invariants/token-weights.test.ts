/**
 * @file What the inference graph makes of logits for the choice of a token, against the
 * same in float64, and rows against their neighbours.
 */
import { describe, expect, onTestFinished, test } from "vitest";
import { GraphBuilder } from "../../src/engine/graph/graph.js";
import { openDevice } from "../../src/engine/runtime/device.js";
import { compile } from "../../src/engine/runtime/executable.js";
import { float32Tensor } from "../../src/engine/tensor/host-tensor.js";
import { randomStream } from "../../src/foundation/random.js";

const VOCABULARY = 301;

async function tokenWeights(
  rows: readonly (readonly number[])[],
  temperatures: readonly number[],
) {
  const graph = new GraphBuilder();
  const logits = graph.input("logits", ["batch", VOCABULARY]);
  const inverse = graph.input("inverse", ["batch", 1]);
  const outputs = graph.applyAll("tokenWeights", [logits, inverse], {});
  ["weights", "peak", "best"].forEach((name, i) => {
    const value = outputs[i];
    if (value !== undefined) graph.output(name, value);
  });
  const executable = await compile(graph, openDevice("cpu", 2));
  onTestFinished(() => executable.release());
  const made = await executable.run({
    logits: float32Tensor(Float32Array.from(rows.flat()), [
      rows.length,
      VOCABULARY,
    ]),
    inverse: float32Tensor(
      Float32Array.from(temperatures, (t) => 1 / t),
      [rows.length, 1],
    ),
  });
  return rows.map((_, row) => ({
    weights: [...(made.weights?.data ?? [])].slice(
      row * VOCABULARY,
      (row + 1) * VOCABULARY,
    ) as number[],
    peak: Number(made.peak?.data[row]),
    best: Number(made.best?.data[row]),
  }));
}

const random = randomStream(1, "token-weights");
const ROWS = Array.from({ length: 5 }, () =>
  Array.from({ length: VOCABULARY }, () => 40 * random.next() - 20),
);
const TEMPERATURES = [1, 0.7, 0.1, 2, 1];

describe("token weights", () => {
  test("are softmax(x/T), the largest at T = 1, and the likeliest token", async () => {
    const made = await tokenWeights(ROWS, TEMPERATURES);
    made.forEach(({ weights, peak, best }, row) => {
      const logits = Array.from(Float32Array.from(ROWS[row] ?? []));
      const most = Math.max(...logits);
      const softmax = (t: number): number[] => {
        const powers = logits.map((x) => Math.exp((x - most) / t));
        const total = powers.reduce((sum, power) => sum + power, 0);
        return powers.map((power) => power / total);
      };
      expect(best).toBe(logits.indexOf(most));
      expect(peak / Math.max(...softmax(1))).toBeCloseTo(1, 5);
      softmax(TEMPERATURES[row] ?? 1).forEach((exact, token) => {
        // Far below the largest, the rounding of 1/T and of x/T shows.
        const difference = Math.abs((weights[token] ?? Number.NaN) - exact);
        expect(difference).toBeLessThan(1e-30 + 2e-4 * exact);
      });
    });
  });

  test("of a row are the same bits alone and in company", async () => {
    const together = await tokenWeights(ROWS, TEMPERATURES);
    for (const [row, logits] of ROWS.entries()) {
      const [alone] = await tokenWeights([logits], [TEMPERATURES[row] ?? 1]);
      expect(alone).toEqual(together[row]);
    }
  });

  test("name the first of equal tokens, and stand huge logits", async () => {
    const tied = new Array<number>(VOCABULARY).fill(-1e30);
    tied[17] = 1e30;
    tied[200] = 1e30;
    const [row] = await tokenWeights([tied], [1]);
    expect(row?.best).toBe(17);
    expect(row?.peak).toBe(0.5);
    expect([row?.weights[17], row?.weights[200], row?.weights[0]]).toEqual([
      0.5, 0.5, 0,
    ]);
  });
});
