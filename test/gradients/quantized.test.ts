/**
 * @file Products with 8-bit weights against float32: how far off, that rows do not see
 * each other, and that the gradient is the one of the weights used.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { differentiate } from "../../src/engine/autodiff/differentiate.js";
import { GraphBuilder } from "../../src/engine/graph/graph.js";
import { openDevice } from "../../src/engine/runtime/device.js";
import {
  compile,
  type Executable,
} from "../../src/engine/runtime/executable.js";
import { int8Levels } from "../../src/engine/runtime/int8-range.js";
import {
  float32Tensor,
  type HostTensor,
} from "../../src/engine/tensor/host-tensor.js";
import { randomStream } from "../../src/foundation/random.js";
import { quantizeMatrix } from "../../src/models/quantized-weights.js";

const INPUTS = 96;
const OUTPUTS = 40;
const ROWS = 7;
const device = openDevice("cpu", 1);
const random = randomStream(3, "quantized");
const draw = (count: number, size = 1): Float32Array =>
  Float32Array.from({ length: count }, () => size * (random.next() - 0.5));
const matrix = draw(OUTPUTS * INPUTS, 0.1);

let executable: Executable;
let weight: HostTensor;
let scale: HostTensor;

beforeAll(async () => {
  ({ weight, scale } = quantizeMatrix(
    matrix,
    [OUTPUTS, INPUTS],
    await int8Levels(device),
  ));
  const graph = new GraphBuilder();
  const x = graph.input("x", ["rows", INPUTS]);
  const y = graph.apply(
    "quantizedMatmul",
    [
      x,
      graph.input("weight", [INPUTS, OUTPUTS], "int8"),
      graph.input("scale", [OUTPUTS]),
    ],
    {},
  );
  graph.output("y", y);
  const loss = graph.sum(
    graph.multiply(y, graph.input("g", ["rows", OUTPUTS])),
  );
  const [gradient] = differentiate(graph, loss, [x]);
  if (gradient !== undefined) graph.output("gradient", gradient);
  executable = await compile(graph, device);
});
afterAll(() => executable.release());

async function run(x: Float32Array, g: Float32Array) {
  const rows = x.length / INPUTS;
  const { y, gradient } = await executable.run({
    x: float32Tensor(x, [rows, INPUTS]),
    g: float32Tensor(g, [rows, OUTPUTS]),
    weight,
    scale,
  });
  return {
    y: y?.data as Float32Array,
    gradient: gradient?.data as Float32Array,
  };
}

/** Distance relative to the size of `expected`, both as vectors. */
function distance(found: Float32Array, expected: Float32Array): number {
  let apart = 0;
  let size = 0;
  expected.forEach((value, i) => {
    apart += ((found[i] ?? Number.NaN) - value) ** 2;
    size += value * value;
  });
  return Math.sqrt(apart / size);
}

/** left [n, k] · right [k, m] in float64 */
function product(
  left: Float32Array,
  right: (k: number, m: number) => number,
  [n, k, m]: readonly [number, number, number],
): Float32Array {
  return Float32Array.from({ length: n * m }, (_, at) => {
    const row = Math.floor(at / m);
    let sum = 0;
    for (let i = 0; i < k; i++)
      sum += (left[row * k + i] ?? 0) * right(i, at % m);
    return sum;
  });
}

const x = draw(ROWS * INPUTS, 4);
const g = draw(ROWS * OUTPUTS, 1e-3);

it("is within one percent of the float32 product", async () => {
  const exact = product(x, (i, o) => matrix[o * INPUTS + i] ?? 0, [
    ROWS,
    INPUTS,
    OUTPUTS,
  ]);
  const error = distance((await run(x, g)).y, exact);
  expect(error).toBeLessThan(0.01);
  expect(error).toBeGreaterThan(0);
});

it("gives a row the same bits in any company", async () => {
  const together = await run(x, g);
  for (let row = 0; row < ROWS; row++) {
    const alone = await run(
      x.slice(row * INPUTS, (row + 1) * INPUTS),
      g.slice(row * OUTPUTS, (row + 1) * OUTPUTS),
    );
    expect(alone.y).toEqual(
      together.y.slice(row * OUTPUTS, (row + 1) * OUTPUTS),
    );
  }
});

it("takes rows of zeros and rows a million times larger than others", async () => {
  const rows = Float32Array.from([
    ...new Float32Array(INPUTS),
    ...x.slice(0, INPUTS).map((value) => value * 1e6),
    ...x.slice(0, INPUTS),
  ]);
  const { y } = await run(rows, new Float32Array(3 * OUTPUTS));
  expect([...y.slice(0, OUTPUTS)]).toEqual(new Array(OUTPUTS).fill(0));
  const [large, small] = [1, 2].map((row) =>
    y.slice(row * OUTPUTS, (row + 1) * OUTPUTS),
  ) as [Float32Array, Float32Array];
  expect(
    distance(
      large.map((value) => value / 1e6),
      small,
    ),
  ).toBeLessThan(1e-3);
});

it("passes the gradient back through the weights it used", async () => {
  const used = (o: number, i: number): number =>
    Number(weight.data[i * OUTPUTS + o]) * Number(scale.data[o]);
  const exact = product(g, used, [ROWS, OUTPUTS, INPUTS]);
  const { gradient } = await run(x, g);
  expect(distance(gradient, exact)).toBeLessThan(0.01);
});

it("keeps the sign and size of every weight to half a step", () => {
  matrix.forEach((value, at) => {
    const [o, i] = [Math.floor(at / INPUTS), at % INPUTS];
    const step = Number(scale.data[o]);
    const kept = Number(weight.data[i * OUTPUTS + o]) * step;
    expect(Math.abs(kept - value)).toBeLessThanOrEqual(step / 2 + 1e-7);
  });
});
