/**
 * @file How large an 8-bit weight may be on a device.
 *
 * Processors with VNNI multiply 8-bit numbers and add in 32 bits. Older ones add pairs
 * of products in 16 bits and cut what does not fit, silently. Weights of seven bits
 * always fit (2·255·63 < 2¹⁵); which it is, one product of the largest numbers tells.
 */
import { GraphBuilder } from "../graph/graph.js";
import { float32Tensor, int8Tensor } from "../tensor/host-tensor.js";
import type { Device, DeviceName } from "./device.js";
import { compile } from "./executable.js";

const WHOLE = 127;
const SAFE = 63;
/** Long enough that every kernel takes its wide path. */
const LENGTH = 256;

const known = new Map<DeviceName, Promise<number>>();

/** Largest absolute value of a weight with which products are exact: 127 or 63. */
export function int8Levels(device: Device): Promise<number> {
  const measured = known.get(device.name) ?? measure(device);
  known.set(device.name, measured);
  return measured;
}

async function measure(device: Device): Promise<number> {
  const graph = new GraphBuilder();
  const x = graph.input("x", [LENGTH, LENGTH]);
  const weight = graph.input("weight", [LENGTH, LENGTH], "int8");
  const scale = graph.input("scale", [LENGTH]);
  graph.output(
    "product",
    graph.apply("quantizedMatmul", [x, weight, scale], {}),
  );
  const executable = await compile(graph, device);
  const square = [LENGTH, LENGTH];
  const { product } = await executable.run({
    x: float32Tensor(new Float32Array(LENGTH * LENGTH).fill(1), square),
    weight: int8Tensor(new Int8Array(LENGTH * LENGTH).fill(WHOLE), square),
    scale: float32Tensor(new Float32Array(LENGTH).fill(1 / WHOLE), [LENGTH]),
  });
  await executable.release();
  const exact = Math.abs(Number(product?.data[0]) - LENGTH) < 1e-3 * LENGTH;
  return exact ? WHOLE : SAFE;
}
