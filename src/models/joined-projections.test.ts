import { expect, it } from "vitest";
import { llamaConfig } from "../checkpoints/config/decoder-config.js";
import { float32Tensor, int8Tensor } from "../engine/tensor/host-tensor.js";
import { joinProjections } from "./joined-projections.js";

const config = llamaConfig({
  hiddenSize: 2,
  intermediateSize: 1,
  layerCount: 1,
  headCount: 1,
  keyValueHeadCount: 1,
  vocabSize: 3,
  maxPositions: 8,
  bosTokenId: null,
  eosTokenIds: [],
  padTokenId: 0,
});
const row = (first: number) =>
  float32Tensor(Float32Array.of(first, first + 1), [1, 2]);
const column = (first: number) =>
  int8Tensor(Int8Array.of(first, first + 1), [2, 1]);
const scale = (value: number) => float32Tensor(Float32Array.of(value), [1]);
const ATTENTION = "model.layers.0.self_attn";
const MLP = "model.layers.0.mlp";

it("puts matrices and biases of one input behind each other, and leaves the rest", () => {
  const base = {
    [`${ATTENTION}.q_proj.weight`]: row(1),
    [`${ATTENTION}.k_proj.weight`]: row(3),
    [`${ATTENTION}.v_proj.weight`]: row(5),
    [`${ATTENTION}.q_proj.bias`]: scale(7),
    [`${ATTENTION}.k_proj.bias`]: scale(8),
    [`${ATTENTION}.v_proj.bias`]: scale(9),
    [`${ATTENTION}.o_proj.weight`]: row(10),
    [`${MLP}.gate_proj.weight`]: row(20),
    [`${MLP}.up_proj.weight`]: row(22),
  };
  const names = Object.keys(base);
  const joined = joinProjections(config, base);
  expect(joined.config.fusedProjections).toBe(true);
  expect(joined.tensors).toEqual({
    [`${ATTENTION}.qkv_proj.weight`]: float32Tensor(
      Float32Array.of(1, 2, 3, 4, 5, 6),
      [3, 2],
    ),
    [`${ATTENTION}.qkv_proj.bias`]: float32Tensor(
      Float32Array.of(7, 8, 9),
      [3],
    ),
    [`${ATTENTION}.o_proj.weight`]: row(10),
    [`${MLP}.gate_up_proj.weight`]: float32Tensor(
      Float32Array.of(20, 21, 22, 23),
      [2, 2],
    ),
  });
  expect(Object.keys(base)).toEqual(names);
});

it("puts int8 matrices side by side, whose outputs are columns", () => {
  const { tensors } = joinProjections(config, {
    [`${MLP}.gate_proj.int8`]: column(1),
    [`${MLP}.up_proj.int8`]: column(3),
    [`${MLP}.gate_proj.scale`]: scale(0.5),
    [`${MLP}.up_proj.scale`]: scale(0.25),
  });
  expect(tensors).toEqual({
    [`${MLP}.gate_up_proj.int8`]: int8Tensor(Int8Array.of(1, 3, 2, 4), [2, 2]),
    [`${MLP}.gate_up_proj.scale`]: float32Tensor(
      Float32Array.of(0.5, 0.25),
      [2],
    ),
  });
});

it("refuses to join where one of the layers is missing", () => {
  expect(() =>
    joinProjections(config, { [`${MLP}.gate_proj.weight`]: row(1) }),
  ).toThrow("gate_proj");
});
