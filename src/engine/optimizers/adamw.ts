/**
 * @file AdamW (Loshchilov & Hutter 2019, Algorithm 2) over one flat array.
 *
 *   m ← β₁m + (1−β₁)g,  v ← β₂v + (1−β₂)g²,
 *   θ ← θ − lr·( m̂/(√v̂ + ε) + λθ ),  m̂ = m/(1−β₁ᵗ),  v̂ = v/(1−β₂ᵗ).
 *
 * Arithmetic is float64 on float32 storage, in element order: the same inputs give
 * the same bits.
 */

export interface AdamWSettings {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Decoupled decay λ. */
  readonly weightDecay: number;
}

/** Elements `start` … `end` − 1 of a flat array. */
export interface ElementRange {
  readonly start: number;
  readonly end: number;
}

export interface AdamWState {
  /** Updates made so far. */
  step: number;
  /** First moment, one element a parameter. */
  readonly mean: Float32Array;
  /** Second moment, one element a parameter. */
  readonly variance: Float32Array;
}

export function initAdamW(size: number): AdamWState {
  return {
    step: 0,
    mean: new Float32Array(size),
    variance: new Float32Array(size),
  };
}

/** One update in place. `gradientScale` multiplies every gradient first (clipping). */
export function updateAdamW(
  state: AdamWState,
  parameters: Float32Array,
  gradients: Float32Array,
  options: AdamWSettings & {
    readonly learningRate: number;
    readonly gradientScale: number;
    /** Elements that decay, in ascending order; all when absent. */
    readonly decayed?: readonly ElementRange[];
  },
): void {
  const size = parameters.length;
  const { learningRate, weightDecay } = options;
  const decayed = options.decayed ?? [{ start: 0, end: size }];
  state.step += 1;
  const update = (range: ElementRange, keep: number): void =>
    updateRange({ state, parameters, gradients, range, keep }, options);
  let reached = 0;
  for (const range of decayed) {
    update({ start: reached, end: range.start }, 1);
    update(range, 1 - learningRate * weightDecay);
    reached = range.end;
  }
  update({ start: reached, end: size }, 1);
}

function updateRange(
  part: {
    readonly state: AdamWState;
    readonly parameters: Float32Array;
    readonly gradients: Float32Array;
    readonly range: ElementRange;
    /** 1 − lr·λ */
    readonly keep: number;
  },
  options: AdamWSettings & {
    readonly learningRate: number;
    readonly gradientScale: number;
  },
): void {
  const { parameters, gradients, range, keep } = part;
  const { step, mean, variance } = part.state;
  const { beta1, beta2, epsilon, learningRate, gradientScale } = options;
  const stepSize = learningRate / (1 - beta1 ** step);
  const varianceScale = 1 / Math.sqrt(1 - beta2 ** step);
  const gain1 = 1 - beta1;
  const gain2 = 1 - beta2;
  for (let i = range.start; i < range.end; i++) {
    const g = (gradients[i] as number) * gradientScale;
    const m = beta1 * (mean[i] as number) + gain1 * g;
    const v = beta2 * (variance[i] as number) + gain2 * g * g;
    mean[i] = m;
    variance[i] = v;
    parameters[i] =
      keep * (parameters[i] as number) -
      (stepSize * m) / (Math.sqrt(v) * varianceScale + epsilon);
  }
}
