/**
 * @file Every primitive's gradient against central finite differences, and its
 * output under differentiation against its plain output; generated from the table.
 */
import { describe, expect, test } from "vitest";
import { differentiate } from "../../src/engine/autodiff/differentiate.js";
import {
  GRADIENT_RULES,
  INFERENCE_ONLY,
} from "../../src/engine/autodiff/gradient-rules.js";
import { GraphBuilder, type Value } from "../../src/engine/graph/graph.js";
import type { PrimitiveName } from "../../src/engine/graph/primitives.js";
import { openDevice } from "../../src/engine/runtime/device.js";
import { compile, type Tensors } from "../../src/engine/runtime/executable.js";
import {
  float32Tensor,
  int32Tensor,
  int64Tensor,
  type HostTensor,
} from "../../src/engine/tensor/host-tensor.js";
import {
  fixedShape,
  type ElementType,
} from "../../src/engine/tensor/tensor-type.js";
import {
  randomStream,
  type RandomStream,
} from "../../src/foundation/random.js";
import { CASES, ROUNDED, type Case, type CaseInput } from "./cases.js";

/** Central differences of a float32 function: the error falls with h² and grows with 1e-7/h. */
const STEP = 1 / 64;
const TOLERANCE = 4e-3;

const size = (shape: readonly number[]): number =>
  shape.reduce((a, b) => a * b, 1);

function elementTypeOf(input: CaseInput): ElementType {
  if ("places" in input) return "int32";
  return "integers" in input ? "int64" : "float32";
}

function draw(input: CaseInput, random: RandomStream): HostTensor {
  if ("places" in input)
    return int32Tensor(Int32Array.from(input.places), input.shape);
  if ("integers" in input) return int64Tensor(input.integers, input.shape);
  const [rows = 1, columns = 1] = input.shape;
  const data = Float32Array.from({ length: size(input.shape) }, (_, i) => {
    if (!("table" in input))
      return input.low + random.next() * (input.high - input.low);
    const angle = Math.floor(i / columns) / (1 + (i % columns) * 2);
    return rows > 0 && input.table === "cos"
      ? Math.cos(angle)
      : Math.sin(angle);
  });
  return float32Tensor(data, input.shape);
}

function build<P extends PrimitiveName>(primitive: P, testCase: Case<P>) {
  const graph = new GraphBuilder();
  const values = testCase.inputs.map((input, i) =>
    graph.input(`x${i}`, input.shape, elementTypeOf(input)),
  );
  const output = graph.apply(primitive, values, testCase.attributes);
  // Random weights make the loss see every output element differently.
  const weights = graph.input("weights", output.shape);
  const loss = graph.sum(graph.multiply(output, weights));
  return { graph, values, output, loss };
}

async function sweep<P extends PrimitiveName>(
  primitive: P,
  testCase: Case<P>,
): Promise<void> {
  const device = openDevice("cpu", 1);
  const plain = build(primitive, testCase);
  plain.graph.output("loss", plain.loss);
  plain.graph.output("output", plain.output);
  const forward = await compile(plain.graph, device);

  const differentiated = build(primitive, testCase);
  const checked =
    testCase.checked ??
    testCase.inputs.flatMap((input, i) => ("low" in input ? [i] : []));
  const wanted = checked.map((i) => differentiated.values[i] as Value);
  differentiate(differentiated.graph, differentiated.loss, wanted).forEach(
    (gradient, k) => differentiated.graph.output(`g${checked[k]}`, gradient),
  );
  differentiated.graph.output("output", differentiated.output);
  const backward = await compile(differentiated.graph, device);

  const random = randomStream(7, primitive, testCase.title);
  const feeds: Record<string, HostTensor> = {
    weights: draw(
      { shape: fixedShape(plain.output.shape), low: -1, high: 1 },
      random,
    ),
  };
  testCase.inputs.forEach((input, i) => (feeds[`x${i}`] = draw(input, random)));
  const lossAt = async (tensors: Tensors): Promise<number> =>
    Number((await forward.run(tensors)).loss?.data[0]);
  try {
    const gradients = await backward.run(feeds);
    expect(gradients.output?.data).toEqual(
      (await forward.run(feeds)).output?.data,
    );
    for (const i of checked) {
      const original = feeds[`x${i}`] as HostTensor & { data: Float32Array };
      const gradient = gradients[`g${i}`] as HostTensor & {
        data: Float32Array;
      };
      expect(gradient.shape).toEqual(original.shape);
      for (let element = 0; element < original.data.length; element++) {
        const moved = async (delta: number): Promise<number> => {
          const data = original.data.slice();
          data[element] = (data[element] ?? 0) + delta;
          return lossAt({
            ...feeds,
            [`x${i}`]: float32Tensor(data, original.shape),
          });
        };
        const numeric =
          ((await moved(STEP)) - (await moved(-STEP))) / (2 * STEP);
        const analytic = gradient.data[element] ?? Number.NaN;
        expect(
          Math.abs(analytic - numeric),
          `input ${i}, element ${element}: ${analytic} vs ${numeric}`,
        ).toBeLessThan(TOLERANCE * (1 + Math.abs(numeric)));
      }
    }
  } finally {
    await forward.release();
    await backward.release();
  }
}

describe("the gradient of each primitive equals finite differences", () => {
  for (const primitive of Object.keys(CASES) as PrimitiveName[]) {
    const cases = CASES[primitive];
    if (cases === INFERENCE_ONLY) {
      test(`${primitive} is for inference only in both tables`, () => {
        expect(GRADIENT_RULES[primitive]).toBe(INFERENCE_ONLY);
      });
      continue;
    }
    if (cases === ROUNDED) continue;
    for (const testCase of cases) {
      test(`${primitive}: ${testCase.title}`, () =>
        sweep(primitive, testCase as Case<typeof primitive>));
    }
  }
});
