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
  const best = argmax(shaped);
  const drawn =
    settings.temperature === 0
      ? null
      : draw(shaped, { ...settings, coin, best });
  const token = drawn?.token ?? best;
  const most = logits[shaped === logits ? best : argmax(logits)] as number;
  const logprob = (total: number): number =>
    (logits[token] as number) - (most + Math.log(total));
  // At temperature 1 the draw has summed these very terms.
  return drawn !== null && settings.temperature === 1 && shaped === logits
    ? { token, logprob: logprob(drawn.total) }
    : { token, logprob: logprob(sumExp(logits, most)) };
}

/** logit − presence − count × frequency for tokens generated before, as OpenAI defines it. */
function penalized(
  logits: Float32Array,
  { presencePenalty = 0, frequencyPenalty = 0 }: ChoiceSettings,
  generated: readonly number[],
): Float32Array {
  if (presencePenalty === 0 && frequencyPenalty === 0) return logits;
  const shaped = logits.slice();
  for (const token of new Set(generated))
    shaped[token] = (shaped[token] ?? 0) - presencePenalty;
  for (const token of generated)
    shaped[token] = (shaped[token] ?? 0) - frequencyPenalty;
  return shaped;
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

/** The token, and Σ exp((x − max)/T) over all of them. */
function draw(
  logits: Float32Array,
  options: ChoiceSettings & { readonly coin: number; readonly best: number },
): { readonly token: number; readonly total: number } {
  const { temperature, topP, topK, coin, best } = options;
  const most = logits[best] as number;
  if (scratch.length < logits.length) scratch = new Float64Array(logits.length);
  const weights = scratch.subarray(0, logits.length);
  let total = 0;
  for (let i = 0; i < logits.length; i++) {
    const weight = expNonPositive(((logits[i] as number) - most) / temperature);
    weights[i] = weight;
    total += weight;
  }
  if (topP >= 1 && topK === 0)
    return {
      token: pick(weights, null, { total, coin, fallback: best }),
      total,
    };
  const kept = nucleus(weights, { topP, topK, total });
  const mass = kept.reduce((sum, id) => sum + (weights[id] as number), 0);
  const token = pick(weights, kept, { total: mass, coin, fallback: best });
  return { token, total };
}

/** Likeliest tokens, at most `topK`, up to the one that completes the mass `topP`. */
function nucleus(
  weights: Float64Array,
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

function pick(
  weights: Float64Array,
  ids: readonly number[] | null,
  options: {
    readonly total: number;
    readonly coin: number;
    readonly fallback: number;
  },
): number {
  let rest = options.coin * options.total;
  if (ids === null) {
    for (let id = 0; id < weights.length; id++) {
      rest -= weights[id] as number;
      if (rest < 0) return id;
    }
    return options.fallback;
  }
  for (const id of ids) {
    rest -= weights[id] as number;
    if (rest < 0) return id;
  }
  // Rounding can leave a crumb beyond the last weight.
  return ids.at(-1) ?? options.fallback;
}
