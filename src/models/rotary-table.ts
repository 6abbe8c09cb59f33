/**
 * @file Cosines and sines of rotary position embedding (Su et al. 2021), with the
 * frequency scalings of the supported families.
 *
 * Pair i of a head of rotated size d turns by position·θ^(−2i/d), the frequency
 * stretched as the family says.
 */
import type {
  RopeConfig,
  RopeScaling,
} from "../checkpoints/config/decoder-config.js";
import {
  float32Tensor,
  type HostTensor,
} from "../engine/tensor/host-tensor.js";

export interface RotaryTable {
  /** [positions, rotated/2] */
  readonly cos: HostTensor;
  /** [positions, rotated/2] */
  readonly sin: HostTensor;
}

/** Table for positions 0 … `positions` − 1. */
export function rotaryTable(rope: RopeConfig, positions: number): RotaryTable {
  const half = rope.rotaryDimensions / 2;
  const frequencies = Array.from({ length: half }, (_, i) =>
    scaledFrequency(rope, i),
  );
  const factor =
    rope.scaling.type === "yarn" ? rope.scaling.attentionFactor : 1;
  const cos = new Float32Array(positions * half);
  const sin = new Float32Array(positions * half);
  for (let position = 0; position < positions; position++) {
    frequencies.forEach((frequency, i) => {
      // transformers multiplies in float32; follow it so that long positions agree.
      const angle = Math.fround(position * Math.fround(frequency));
      cos[position * half + i] = factor * Math.cos(angle);
      sin[position * half + i] = factor * Math.sin(angle);
    });
  }
  return {
    cos: float32Tensor(cos, [positions, half]),
    sin: float32Tensor(sin, [positions, half]),
  };
}

function scaledFrequency(rope: RopeConfig, pair: number): number {
  const { theta, scaling, rotaryDimensions } = rope;
  const frequency = theta ** ((-2 * pair) / rotaryDimensions);
  switch (scaling.type) {
    case "none":
      return frequency;
    case "linear":
      return frequency / scaling.factor;
    case "llama3":
      return llama3Frequency(frequency, scaling);
    case "yarn":
      return yarnFrequency(frequency, pair, rope, scaling);
    default:
      return scaling satisfies never;
  }
}

/** Wavelengths above original/low are stretched, below original/high kept, a ramp between. */
function llama3Frequency(
  frequency: number,
  scaling: Extract<RopeScaling, { type: "llama3" }>,
): number {
  const {
    factor,
    lowFrequencyFactor: low,
    highFrequencyFactor: high,
  } = scaling;
  const ratio = (scaling.originalMaxPositions * frequency) / (2 * Math.PI);
  if (ratio < low) return frequency / factor;
  if (ratio > high) return frequency;
  const smooth = (ratio - low) / (high - low);
  return ((1 - smooth) * frequency) / factor + smooth * frequency;
}

/** YaRN, arXiv 2309.00071, section 3.2: interpolate slow pairs, keep fast ones, ramp between. */
function yarnFrequency(
  frequency: number,
  pair: number,
  rope: RopeConfig,
  scaling: Extract<RopeScaling, { type: "yarn" }>,
): number {
  const pairOfRotations = (rotations: number): number =>
    (rope.rotaryDimensions *
      Math.log(scaling.originalMaxPositions / (rotations * 2 * Math.PI))) /
    (2 * Math.log(rope.theta));
  const round = (ends: readonly [number, number]): readonly [number, number] =>
    scaling.truncate ? [Math.floor(ends[0]), Math.ceil(ends[1])] : ends;
  const [low, high] = round([
    pairOfRotations(scaling.betaFast),
    pairOfRotations(scaling.betaSlow),
  ]);
  const start = Math.max(low, 0);
  const end = Math.min(high, rope.rotaryDimensions - 1);
  const width = start === end ? 0.001 : end - start;
  const ramp = Math.min(1, Math.max(0, (pair - start) / width));
  return (frequency / scaling.factor) * ramp + frequency * (1 - ramp);
}
