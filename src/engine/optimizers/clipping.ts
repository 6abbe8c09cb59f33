/**
 * @file Gradient clipping by global norm, as `torch.nn.utils.clip_grad_norm_`.
 */

/** Euclidean norm of a flat gradient. */
export function gradientNorm(gradients: Float32Array): number {
  // Two sums, as in one every addition waits for the one before.
  let even = 0;
  let odd = 0;
  for (let i = 0; i + 1 < gradients.length; i += 2) {
    const first = gradients[i] as number;
    const second = gradients[i + 1] as number;
    even += first * first;
    odd += second * second;
  }
  if (gradients.length % 2 === 1) even += (gradients.at(-1) as number) ** 2;
  return Math.sqrt(even + odd);
}

/** Factor that brings a gradient of this norm within `maxNorm`; 0 switches clipping off. */
export function clippingScale(norm: number, maxNorm: number): number {
  return maxNorm > 0 && norm > maxNorm ? maxNorm / (norm + 1e-6) : 1;
}
