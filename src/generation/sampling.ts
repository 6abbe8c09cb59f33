/**
 * @file Choosing the next token from logits.
 *
 * Penalties first, then temperature, top-k and top-p (nucleus, Holtzman et al. 2020), as
 * vLLM orders them. Randomness is a coin handed in; greedy needs none.
 */
import { expNonPositive } from "./exponential.js";

export interface TokenChoice {
  readonly token: number;
  /** Natural-log probability under the plain softmax of the logits. */
  readonly logprob: number;
}

export interface ChoiceSettings {
  /** 0 is greedy. */
  readonly temperature: number;
  /** Nucleus mass in (0, 1]; 1 switches it off. */
  readonly topP: number;
  /** 0 switches it off. */
  readonly topK: number;
  /** Taken off the logit of every token generated before; 0 when absent. */
  readonly presencePenalty?: number;
  /** Taken off once for each time a token was generated before; 0 when absent. */
  readonly frequencyPenalty?: number;
}

/**
 * @param logits [vocabulary], read only
 * @param coin uniform in [0, 1)
 * @param generated the tokens that penalties count
 */
export function chooseToken(
  logits: Float32Array,
  settings: ChoiceSettings,
  coin: number,
  generated: readonly number[] = [],
): TokenChoice {
  const shaped = penalized(logits, settings, generated);
  const { temperature } = settings;
  const best = argmax(shaped);
  const most = shaped[best] as number;
  const token =
    temperature === 0
      ? best
      : draw(weigh(shaped, temperature, most), settings, coin, best);
  return { token, logprob: (logits[token] as number) - logSumExp(logits) };
}

/** One row of what the inference graph makes of logits. */
export interface TokenWeights {
  /** [vocabulary], the softmax at temperature T; unread at temperature 0 */
  readonly weights: Float32Array;
  /** Probability of the likeliest token at temperature 1. */
  readonly peak: number;
  /** The likeliest token, the earlier one on a tie. */
  readonly best: number;
}

/** As {@link chooseToken} without penalties, from weights at `settings.temperature`. */
export function chooseWeighted(
  { weights, peak, best }: TokenWeights,
  settings: ChoiceSettings,
  coin: number,
): TokenChoice {
  const { temperature } = settings;
  if (temperature === 0) return { token: best, logprob: Math.log(peak) };
  const token = draw(weights, settings, coin, best);
  // What the token's logit lacks to the largest is T·log of the quotient of their weights.
  const quotient = (weights[token] as number) / (weights[best] as number);
  return { token, logprob: Math.log(peak) + temperature * Math.log(quotient) };
}

/** Whether the logits themselves are needed. */
export function hasPenalties({
  presencePenalty = 0,
  frequencyPenalty = 0,
}: ChoiceSettings): boolean {
  return presencePenalty !== 0 || frequencyPenalty !== 0;
}

/** logit − presence − count × frequency for tokens generated before, as OpenAI defines it. */
function penalized(
  logits: Float32Array,
  settings: ChoiceSettings,
  generated: readonly number[],
): Float32Array {
  if (!hasPenalties(settings)) return logits;
  const { presencePenalty = 0, frequencyPenalty = 0 } = settings;
  const shaped = logits.slice();
  for (const token of new Set(generated))
    shaped[token] = (shaped[token] ?? 0) - presencePenalty;
  for (const token of generated)
    shaped[token] = (shaped[token] ?? 0) - frequencyPenalty;
  return shaped;
}

/** The `count` likeliest tokens, likeliest first and the earlier one on a tie. */
export function likeliest(logits: Float32Array, count: number): TokenChoice[] {
  const best: number[] = [];
  for (let token = 0; token < logits.length; token++) {
    const value = logits[token] as number;
    const last = logits[best[count - 1] ?? -1] ?? Number.NEGATIVE_INFINITY;
    if (best.length === count && value <= last) continue;
    const place = best.findIndex((other) => (logits[other] as number) < value);
    best.splice(place < 0 ? best.length : place, 0, token);
    best.length = Math.min(best.length, count);
  }
  const total = logSumExp(logits);
  return best.map((token) => ({
    token,
    logprob: (logits[token] as number) - total,
  }));
}

/** log Σ exp(x) */
export function logSumExp(values: Float32Array): number {
  const most = values[argmax(values)] as number;
  return most + Math.log(sumExp(values, most));
}

function argmax(values: Float32Array): number {
  let best = 0;
  let most = values[0] as number;
  for (let i = 1; i < values.length; i++) {
    const value = values[i] as number;
    if (value > most) {
      most = value;
      best = i;
    }
  }
  return best;
}

/** Σ exp(x − most) */
function sumExp(values: Float32Array, most: number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++)
    sum += expNonPositive((values[i] as number) - most);
  return sum;
}

/** Weights of the token being chosen; one array, as a large one for each token is a burden. */
let scratch = new Float64Array(0);

/** exp((x − max)/T) of every token; valid until the next call. */
function weigh(
  logits: Float32Array,
  temperature: number,
  most: number,
): Float64Array {
  if (scratch.length < logits.length) scratch = new Float64Array(logits.length);
  const weights = scratch.subarray(0, logits.length);
  for (let i = 0; i < logits.length; i++)
    weights[i] = expNonPositive(((logits[i] as number) - most) / temperature);
  return weights;
}

type Weights = Float32Array | Float64Array;

/** The token at the coin, among those that top-k and top-p leave. @param best the likeliest */
function draw(
  weights: Weights,
  { topP, topK }: ChoiceSettings,
  coin: number,
  best: number,
): number {
  const total = sumStretches(weights);
  if (topP >= 1 && topK === 0) return pickFromAll(weights, coin * total, best);
  const kept = nucleus(weights, { topP, topK, total });
  const mass = kept.reduce((sum, id) => sum + (weights[id] as number), 0);
  let rest = coin * mass;
  for (const id of kept) {
    rest -= weights[id] as number;
    if (rest < 0) return id;
  }
  // Rounding can leave a crumb beyond the last weight.
  return kept.at(-1) ?? best;
}

/** Tokens that are added up together: finding one passes over stretches, then over one of them. */
const STRETCH = 64;
let stretches = new Float64Array(0);

/** Σ weights; the sum of each stretch stays in `stretches`. */
function sumStretches(weights: Weights): number {
  const count = Math.ceil(weights.length / STRETCH);
  if (stretches.length < count) stretches = new Float64Array(count);
  let total = 0;
  for (let stretch = 0; stretch < count; stretch++) {
    const end = Math.min((stretch + 1) * STRETCH, weights.length);
    let sum = 0;
    for (let id = stretch * STRETCH; id < end; id++)
      sum += weights[id] as number;
    stretches[stretch] = sum;
    total += sum;
  }
  return total;
}

/** The token that the sum of weights passes `place` at; after `sumStretches` of the same weights. */
function pickFromAll(weights: Weights, place: number, best: number): number {
  let rest = place;
  for (let start = 0; start < weights.length; start += STRETCH) {
    const sum = stretches[start / STRETCH] as number;
    if (rest >= sum) {
      rest -= sum;
      continue;
    }
    const end = Math.min(start + STRETCH, weights.length);
    let last = best;
    for (let id = start; id < end; id++) {
      const weight = weights[id] as number;
      if (weight > 0) last = id;
      rest -= weight;
      if (rest < 0) return id;
    }
    // Rounding can leave a crumb beyond the last weight.
    return last;
  }
  return best;
}

/** Likeliest tokens, at most `topK`, up to the one that completes the mass `topP`. */
function nucleus(
  weights: Weights,
  limits: {
    readonly topP: number;
    readonly topK: number;
    readonly total: number;
  },
): number[] {
  const { topP, topK, total } = limits;
  // Tokens far below the uniform share of the tail cannot enter any nucleus.
  const floor = topK === 0 ? ((1 - topP) * total) / weights.length : 0;
  const candidates: number[] = [];
  for (let id = 0; id < weights.length; id++) {
    if ((weights[id] as number) >= floor) candidates.push(id);
  }
  candidates.sort(
    (a, b) => (weights[b] as number) - (weights[a] as number) || a - b,
  );
  const limited = topK === 0 ? candidates : candidates.slice(0, topK);
  // As in vLLM, the nucleus is taken of what top-k left.
  const base =
    topK === 0
      ? total
      : limited.reduce((sum, id) => sum + (weights[id] as number), 0);
  let mass = 0;
  for (let count = 0; count < limited.length; count++) {
    mass += weights[limited[count] as number] as number;
    if (mass >= topP * base) return limited.slice(0, count + 1);
  }
  return limited;
}
