/**
 * @file Gradient clipping by global norm, as `torch.nn.utils.clip_grad_norm_`.
 */

/** Euclidean norm of a flat gradient. */
export function gradientNorm(gradients: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < gradients.length; i++) {
    const g = gradients[i] as number;
    sum += g * g;
  }
  return Math.sqrt(sum);
}

/** Factor that brings a gradient of this norm within `maxNorm`; 0 switches clipping off. */
export function clippingScale(norm: number, maxNorm: number): number {
  return maxNorm > 0 && norm > maxNorm ? maxNorm / (norm + 1e-6) : 1;
}
