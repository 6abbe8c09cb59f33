/**
 * @file What a judge's preferences between two models amount to, and how far the order in
 * which it saw the answers decided them.
 */
import { mean } from "../foundation/statistics.js";
import { headToHead, type WinTieLose } from "./head-to-head.js";
import {
  bootstrapMean,
  type BootstrapOptions,
  type Interval,
} from "./interval.js";

/** One prompt. */
export interface JudgedPair {
  /** 0, the reference is better, … 1; null where the judge gave no verdict. */
  readonly preference: number | null;
  /** The verdict on the answer shown second, 0 … 1, in both orders; empty where none was asked. */
  readonly orders: readonly (number | null)[];
}

export interface PreferenceFigures {
  /** Mean preference, ties half, with its interval over prompts; null without verdicts. */
  readonly winRate: Interval | null;
  /** Of the model against the reference. */
  readonly verdicts: WinTieLose;
  readonly unjudged: number;
  /** Share of pairs whose two orders name the same answer; null where no order names one. */
  readonly consistent: number | null;
  /** Mean verdict for the answer shown first: half where the place does not count. */
  readonly firstPlace: number | null;
}

export function preferenceFigures(
  pairs: readonly JudgedPair[],
  options: BootstrapOptions,
): PreferenceFigures {
  const preferences = pairs.flatMap(({ preference }) => preference ?? []);
  const orders = pairs.flatMap(({ orders: [given, turned] }) =>
    typeof given === "number" && typeof turned === "number"
      ? [{ given, turned }]
      : [],
  );
  const named = orders.filter(
    ({ given, turned }) => given !== 0.5 && turned !== 0.5,
  );
  return {
    winRate: bootstrapMean(preferences, options),
    verdicts: headToHead(
      preferences,
      preferences.map(() => 0.5),
    ),
    unjudged: pairs.length - preferences.length,
    consistent: mean(
      named.map(({ given, turned }) => Number(given > 0.5 !== turned > 0.5)),
    ),
    firstPlace: mean(
      orders.map(({ given, turned }) => 1 - (given + turned) / 2),
    ),
  };
}
