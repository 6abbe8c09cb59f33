/**
 * @file Preference losses against numbers computed with TRL's formulas, and against
 * what follows by hand where policy and reference agree.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { differentiate } from "../../src/engine/autodiff/differentiate.js";
import { GraphBuilder } from "../../src/engine/graph/graph.js";
import { openDevice } from "../../src/engine/runtime/device.js";
import { compile } from "../../src/engine/runtime/executable.js";
import { float32Tensor } from "../../src/engine/tensor/host-tensor.js";
import { packSequences } from "../../src/models/packing.js";
import {
  preferenceObjective,
  type PreferenceSettings,
} from "../../src/training/objectives/preference.js";

const { inputs, expected } = JSON.parse(
  readFileSync("test/fixtures/training/dpo-losses.json", "utf8"),
) as {
  readonly inputs: {
    readonly beta: number;
    readonly policyChosen: readonly number[];
    readonly policyRejected: readonly number[];
    readonly referenceChosen: readonly number[];
    readonly referenceRejected: readonly number[];
    readonly chosenLengths: readonly number[];
    readonly rejectedLengths: readonly number[];
    readonly labelSmoothing: number;
  };
  readonly expected: {
    readonly sigmoid: number;
    readonly ipo: number;
    readonly sigmoidNorm: number;
    readonly cdpo: number;
  };
};

const POLICY = [...inputs.policyChosen, ...inputs.policyRejected];
const REFERENCE = [...inputs.referenceChosen, ...inputs.referenceRejected];
const LENGTHS = [...inputs.chosenLengths, ...inputs.rejectedLengths];

const PLAIN: PreferenceSettings = {
  beta: inputs.beta,
  loss: "sigmoid",
  labelSmoothing: 0,
  nllWeight: 0,
  lengthNormalized: false,
};

/**
 * Loss of sequences whose log-probability sums are given, each spread evenly over its
 * completion tokens, and the gradient by the first token of each.
 */
async function lossOf(
  settings: PreferenceSettings,
  sums: {
    readonly policy: readonly number[];
    readonly reference: readonly number[];
  },
): Promise<{ loss: number; gradients: number[]; sums: number[] }> {
  const batch = packSequences(
    LENGTHS.map((length) => ({
      ids: new Array<number>(length + 1).fill(1),
      completionStart: 1,
    })),
  );
  const tokens = Float32Array.from(batch.targetOwners, (owner, slot) =>
    slot < batch.targetCount
      ? (sums.policy[owner] ?? 0) / (LENGTHS[owner] ?? 1)
      : -1000,
  );
  const objective = preferenceObjective(
    batch,
    Float32Array.from(sums.reference),
    settings,
  );
  const graph = new GraphBuilder();
  const logProbabilities = graph.input("logProbabilities", [batch.targetSlots]);
  const loss = objective.build(graph, logProbabilities);
  graph.output("loss", loss);
  const [gradient] = differentiate(graph, loss, [logProbabilities]);
  if (gradient !== undefined) graph.output("gradient", gradient);
  const executable = await compile(graph, openDevice("cpu", 1));
  try {
    const results = await executable.run({
      ...objective.feeds,
      logProbabilities: float32Tensor(tokens, [batch.targetSlots]),
    });
    const first = LENGTHS.map((_, owner) => batch.targetOwners.indexOf(owner));
    const padding = Number(results.gradient?.data[batch.targetCount]);
    return {
      loss: Number(results.loss?.data[0]),
      gradients: [
        ...first.map((slot) => Number(results.gradient?.data[slot])),
        padding,
      ],
      sums: Array.from(results.bySequence?.data ?? [], Number),
    };
  } finally {
    await executable.release();
  }
}

const apart = { policy: POLICY, reference: REFERENCE };
const alike = { policy: REFERENCE, reference: REFERENCE };

describe("the preference loss equals TRL's", () => {
  it.each([
    ["sigmoid", PLAIN, expected.sigmoid],
    ["ipo", { ...PLAIN, loss: "ipo" }, expected.ipo],
    [
      "sigmoid_norm",
      { ...PLAIN, lengthNormalized: true },
      expected.sigmoidNorm,
    ],
    [
      "sigmoid with smoothed labels",
      { ...PLAIN, labelSmoothing: inputs.labelSmoothing },
      expected.cdpo,
    ],
  ] as const)("%s", async (_, settings, value) => {
    const { loss, sums } = await lossOf(settings, apart);
    expect(Math.abs(loss / value - 1)).toBeLessThan(1e-6);
    sums.forEach((sum, i) => expect(sum).toBeCloseTo(POLICY[i] ?? 0, 4));
  });
});

describe("where policy and reference agree", () => {
  it("the sigmoid losses are ln 2, smoothed or normalised or not", async () => {
    for (const settings of [
      PLAIN,
      { ...PLAIN, labelSmoothing: 0.3 },
      { ...PLAIN, lengthNormalized: true },
    ]) {
      const { loss } = await lossOf(settings, alike);
      expect(Math.abs(loss - Math.LN2)).toBeLessThan(1e-6);
    }
  });

  it("ipo is the square of half the inverse of beta", async () => {
    const { loss } = await lossOf({ ...PLAIN, loss: "ipo" }, alike);
    expect(loss).toBeCloseTo(25, 3);
  });
});

it("pushes chosen tokens up and rejected ones down by beta·σ(−beta·d) a pair, padding not at all", async () => {
  const { gradients } = await lossOf(PLAIN, apart);
  const push = [1.75, 3].map((d) => 0.1 / (1 + Math.exp(0.1 * d)) / 2);
  const [first = 0, second = 0] = push;
  [-first, -second, first, second, 0].forEach((wanted, i) =>
    expect(gradients[i]).toBeCloseTo(wanted, 7),
  );
});

it("adds the mean negative log-probability of all chosen tokens, weighted", async () => {
  // 12.5 + 40 over 10 + 32 tokens is 1.25 each; α = 0.2.
  const { loss } = await lossOf({ ...PLAIN, nllWeight: 0.2 }, apart);
  expect(loss).toBeCloseTo(expected.sigmoid + 0.25, 6);
});
