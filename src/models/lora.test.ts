import { describe, expect, it } from "vitest";
import { initializeLora, loraShapes } from "./lora.js";

const PARAMETERS = [
  { name: "model.norm.weight", shape: [64] },
  { name: "model.layers.0.self_attn.q_proj.weight", shape: [32, 64] },
  { name: "model.layers.0.self_attn.q_proj.bias", shape: [32] },
  { name: "model.layers.0.mlp.up_proj.weight", shape: [96, 64] },
];
const LORA = { rank: 16, alpha: 32, targets: ["q_proj"] };
const A = "model.layers.0.self_attn.q_proj.lora_A.weight";
const B = "model.layers.0.self_attn.q_proj.lora_B.weight";

describe("a new adapter", () => {
  it("has A [r, in] and B [out, r] for each matrix named, not for its bias", () => {
    expect(loraShapes(PARAMETERS, LORA)).toEqual([
      { name: A, shape: [16, 64] },
      { name: B, shape: [32, 16] },
    ]);
  });

  it("starts with B zero and A uniform within one over the root of its inputs", () => {
    const adapter = initializeLora(PARAMETERS, LORA, 1);
    expect(adapter.data(B).every((value) => value === 0)).toBe(true);
    const a = adapter.data(A);
    expect(Math.max(...a.map(Math.abs))).toBeLessThanOrEqual(1 / 8);
    const variance =
      a.reduce((sum, value) => sum + value * value, 0) / a.length;
    // A uniform number in ±1/8 has variance 1/192; 1024 of them, within a tenth of it.
    expect(Math.abs(variance * 192 - 1)).toBeLessThan(0.1);
  });

  it("is drawn from the seed, layer by layer", () => {
    const both = initializeLora(
      PARAMETERS,
      { ...LORA, targets: ["q_proj", "up_proj"] },
      1,
    );
    const one = initializeLora(PARAMETERS, LORA, 1);
    expect(both.data(A)).toEqual(one.data(A));
    expect(initializeLora(PARAMETERS, LORA, 2).data(A)).not.toEqual(
      one.data(A),
    );
  });
});
