/**
 * @file How many tokens go into one call of the runtime: few enough that the process
 * hears a signal and tells of its progress every few seconds; and what is so large that
 * it takes seconds before the first call.
 */
import type { DecoderConfig } from "../checkpoints/config/decoder-config.js";
import { parameterCount } from "../checkpoints/weights/parameter-table.js";

/**
 * Products of a weight and a token in one call: a second on two cores that do 100 billion
 * operations (a product and a sum each) in it, as AVX2 ones do.
 */
const CALL_PRODUCTS = 5e10;
/** The way back takes twice as long as the way there: six seconds. */
const TRAINING_PRODUCTS = 1e11;
/** Smaller matrix products would waste the processor. */
const FEWEST_TOKENS = 128;

/** Parameters of models that take seconds to be read and laid out. */
const SLOW_TO_OPEN = 5e7;

/** Whether whoever waits for the model should hear that it is being loaded. */
export function isSlowToOpen(config: DecoderConfig): boolean {
  return parameterCount(config) >= SLOW_TO_OPEN;
}

/** Of a call without gradients: at most `most`, which models of up to twenty million parameters get. */
export function callTokens(config: DecoderConfig, most: number): number {
  return Math.min(most, tokensFor(CALL_PRODUCTS, config));
}

/** Of a call with gradients. */
export function trainingTokens(config: DecoderConfig): number {
  return tokensFor(TRAINING_PRODUCTS, config);
}

function tokensFor(products: number, config: DecoderConfig): number {
  return Math.max(FEWEST_TOKENS, Math.floor(products / parameterCount(config)));
}
