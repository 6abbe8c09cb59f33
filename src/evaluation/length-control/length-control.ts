/**
 * @file Win rates against a reference, and what they would be at equal lengths.
 *
 * Judges like long answers. AlpacaEval 2 (Dubois et al., arXiv 2404.04475) models the
 * preference for an answer by three things and then takes the length away:
 *
 *     σ(φ · tanh(Δ / s) + ψ · γ_i + θ),   Δ = reference's length − model's, s = sd of Δ,
 *
 * fitted to each model by itself; the length-controlled win rate is the mean over the
 * prompts with tanh(…) = 0. γ is the difficulty of the prompt (difficulty.ts).
 */
import { mean, sigmoid } from "../../foundation/statistics.js";
import { fitDifficulty, type Comparison } from "./difficulty.js";
import { fitLogistic, linear } from "./logistic.js";

/** One model's answer beside the reference's. */
export interface Preference {
  readonly model: string;
  /** Names the prompt; the same in every model's rows. */
  readonly prompt: string;
  /** Of the reference's answer, in characters. */
  readonly length1: number;
  /** Of the model's answer, in characters. */
  readonly length2: number;
  /** 1 … 2; 1 = the reference's is better, 2 = the model's. */
  readonly preference: number;
}

/** Rates in percent. */
export interface WinRates {
  readonly model: string;
  readonly winRate: number;
  readonly lengthControlledWinRate: number;
  /** Of `winRate`; null for one prompt. */
  readonly standardError: number | null;
  /** Mean characters of the model's answers. */
  readonly averageLength: number;
  /** How many preferences there are. */
  readonly prompts: number;
  /** φ, ψ and θ. */
  readonly weights: {
    readonly length: number;
    readonly difficulty: number;
    readonly level: number;
  };
  /**
   * Whether length, difficulty and level tell every preference without error: then only
   * the prior keeps the weights finite, and the controlled rate is as good as the prior.
   */
  readonly separated: boolean;
}

/**
 * What AlpacaEval adds to each fit: its preferences of the reference against two
 * versions of itself, asked to be short and to be long, at a weight of 0.1 each. They
 * speak on length and difficulty only and are not published beside the code. Their pull
 * was read off the published weights of 50 models whose preferences are (the gradient
 * of a model's own loss at its published weights is the pull with the sign turned):
 * a quadratic to within 0.3, with these numbers (docs/results/length-control.md).
 * The level has next to no prior, so that a model that always wins stays finite.
 */
const PRIOR = {
  mean: [-1.94, 0.79, 0],
  precision: [
    [10.8, 5.3, 0],
    [5.3, 42.9, 0],
    [0, 0, 1e-3],
  ],
};

/**
 * Figures of each model, in the order in which models come.
 * @param preferences one a model and prompt
 * @param table difficulty by prompt; fitted from the preferences when absent
 */
export function lengthControlledWinRates(
  preferences: readonly Preference[],
  table?: ReadonlyMap<string, number>,
): WinRates[] {
  const models = new Map<string, Preference[]>();
  for (const row of preferences) {
    const rows = models.get(row.model);
    if (rows === undefined) models.set(row.model, [row]);
    else rows.push(row);
  }
  const difficulties = table ?? difficultyTable([...models.values()]);
  return [...models].map(([model, rows]) =>
    winRates(model, rows, difficulties),
  );
}

/** Difficulty by prompt, from the preferences of each model. */
export function difficultyTable(
  models: readonly (readonly Preference[])[],
): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  for (const { prompt } of models.flat())
    if (!numbers.has(prompt)) numbers.set(prompt, numbers.size);
  const comparisons = models.flatMap((rows, model): Comparison[] => {
    const lengths = lengthTerms(rows);
    return rows.map(({ prompt, preference }, i) => ({
      model,
      prompt: numbers.get(prompt) ?? 0,
      length: lengths[i] ?? 0,
      target: preference - 1,
    }));
  });
  const fitted = fitDifficulty(comparisons, models.length, numbers.size);
  return new Map(
    [...numbers].map(([prompt, at]) => [prompt, fitted[at] as number]),
  );
}

function winRates(
  model: string,
  rows: readonly Preference[],
  difficulties: ReadonlyMap<string, number>,
): WinRates {
  const lengths = lengthTerms(rows);
  const hardness = rows.map(({ prompt }) => difficulties.get(prompt) ?? 0);
  const features = rows.map((_, i) => [lengths[i] ?? 0, hardness[i] ?? 0, 1]);
  const targets = rows.map(({ preference }) => preference - 1);
  const weights = fitLogistic(features, targets, PRIOR);
  const [length = 0, difficulty = 0, level = 0] = weights;
  const deviation = standardDeviation(targets);
  return {
    model,
    winRate: 100 * (mean(targets) ?? 0),
    lengthControlledWinRate:
      100 *
      (mean(hardness.map((one) => sigmoid(difficulty * one + level))) ?? 0),
    standardError:
      deviation === null ? null : (100 * deviation) / Math.sqrt(rows.length),
    averageLength: mean(rows.map(({ length2 }) => length2)) ?? 0,
    prompts: rows.length,
    weights: { length, difficulty, level },
    separated: targets.every(
      (y, i) =>
        (y === 0 || y === 1) &&
        (y - 0.5) * linear(features[i] ?? [], weights) > 0,
    ),
  };
}

/** tanh(Δ / s) of each row of one model; 0 where all lengths differ by the same. */
function lengthTerms(rows: readonly Preference[]): number[] {
  const gaps = rows.map(({ length1, length2 }) => length1 - length2);
  const scale = standardDeviation(gaps);
  return gaps.map((gap) =>
    scale === null || scale === 0 ? 0 : Math.tanh(gap / scale),
  );
}

/** With n − 1 below, as pandas has it; null for fewer than two values. */
function standardDeviation(values: readonly number[]): number | null {
  const center = mean(values);
  if (center === null || values.length < 2) return null;
  const squares = values.reduce((sum, value) => sum + (value - center) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}
