/**
 * @file Two sides that answered the same prompts, set against each other figure by
 * figure. Pairs of one prompt are compared, so what makes a prompt hard cancels; where a
 * side was repeated, how far its repeats lie apart says what a difference is worth.
 */
import { randomStream } from "../foundation/random.js";
import { mean } from "../foundation/statistics.js";
import type { PromptFigures } from "./graded-answers.js";
import { headToHead, type WinTieLose } from "./head-to-head.js";
import { bootstrapPairedDifference, type Interval } from "./interval.js";

/** One execution: the figures of each prompt. */
export type Execution = ReadonlyMap<string, PromptFigures>;

export interface FigureComparison {
  readonly name: string;
  /** Prompts that have the figure in every execution. */
  readonly prompts: number;
  readonly left: number;
  readonly right: number;
  /** Right − left, with 95 % by resampling prompts. */
  readonly difference: Interval;
  /** Prompts on which the right is higher, equal, lower. */
  readonly rightAgainstLeft: WinTieLose;
  /**
   * Largest distance between the means of two executions of one side: the null arm.
   * Null where neither side was repeated.
   */
  readonly repeats: number | null;
}

/**
 * Every figure that each execution has, in the order of the first; several executions of
 * a side are averaged by prompt.
 * @param left one execution at least, and so on the right
 */
export function compareSides(
  left: readonly Execution[],
  right: readonly Execution[],
  { seed, resamples }: { readonly seed: number; readonly resamples: number },
): FigureComparison[] {
  const all = [...left, ...right];
  const names = new Set(
    [...(left[0]?.values() ?? [])].flatMap((figures) => [...figures.keys()]),
  );
  return [...names].flatMap((name): FigureComparison[] => {
    const prompts = [...(left[0]?.keys() ?? [])].filter((prompt) =>
      all.every((one) => one.get(prompt)?.has(name) === true),
    );
    const values = (side: readonly Execution[]): number[][] =>
      side.map((one) =>
        prompts.map((prompt) => one.get(prompt)?.get(name) ?? 0),
      );
    const lefts = values(left);
    const rights = values(right);
    const [ours, theirs] = [byPrompt(lefts), byPrompt(rights)];
    const difference = bootstrapPairedDifference(theirs, ours, {
      random: randomStream(seed, "compare", name),
      resamples,
    });
    if (difference === null) return [];
    return [
      {
        name,
        prompts: prompts.length,
        left: mean(ours) ?? 0,
        right: mean(theirs) ?? 0,
        difference,
        rightAgainstLeft: headToHead(theirs, ours),
        repeats:
          all.length === 2 ? null : Math.max(apart(lefts), apart(rights)),
      },
    ];
  });
}

/** Figures that not every execution has: a file that was judged beside one that was not. */
export function figuresOfSome(executions: readonly Execution[]): string[] {
  const each = executions.map(
    (one) =>
      new Set([...one.values()].flatMap((figures) => [...figures.keys()])),
  );
  const all = new Set(each.flatMap((names) => [...names]));
  return [...all].filter((name) => !each.every((names) => names.has(name)));
}

/** Mean over the executions, prompt by prompt. */
function byPrompt(executions: readonly (readonly number[])[]): number[] {
  return (executions[0] ?? []).map(
    (_, i) => mean(executions.map((values) => values[i] ?? 0)) ?? 0,
  );
}

function apart(executions: readonly (readonly number[])[]): number {
  const means = executions.map((values) => mean(values) ?? 0);
  return Math.max(...means) - Math.min(...means);
}
