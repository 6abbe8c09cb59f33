/**
 * @file Random weights to begin pre-training with: normal, narrower where a branch
 * returns to the residual stream so that depth does not add variance; norms start at 1.
 */
import type { DecoderConfig } from "../checkpoints/config/decoder-config.js";
import { parameterTable } from "../checkpoints/weights/parameter-table.js";
import { randomStream } from "../foundation/random.js";
import { ParameterSet } from "./parameters.js";

/** Standard deviation of every matrix, before the narrowing. */
const DEVIATION = 0.04;

export function initializeParameters(
  config: DecoderConfig,
  seed: number,
): ParameterSet {
  const parameters = new ParameterSet(parameterTable(config));
  // Two branches a layer join the residual stream.
  const narrowing = 1 / Math.sqrt(2 * config.layers.length);
  for (const { name, shape } of parameters.shapes) {
    const data = parameters.data(name);
    if (shape.length === 1) {
      data.fill(name.endsWith(".bias") ? 0 : 1 - config.normOffset);
      continue;
    }
    const joins =
      name.endsWith("o_proj.weight") || name.endsWith("down_proj.weight");
    const deviation = joins ? DEVIATION * narrowing : DEVIATION;
    const random = randomStream(seed, "initialization", name);
    for (let i = 0; i < data.length; i++) data[i] = deviation * random.normal();
  }
  return parameters;
}
