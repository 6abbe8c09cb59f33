/**
 * @file The paper's rule: of each prompt's answers the best against the worst
 * (Self-Rewarding, section 2.3); ties and small margins give no pair.
 */
import { bestOf, scoreOf, type PairRule } from "./pair-rule.js";

export const bestAgainstWorst: PairRule = (candidates, settings) => {
  const scored = candidates.filter(({ score }) => score !== null);
  if (scored.length < 2) return { rule: "too-few-scored" };
  const chosen = bestOf(scored, settings.finishedOnly);
  if (chosen === undefined) return { rule: "unfinished" };
  const rejected = scored.reduce((worst, next) =>
    scoreOf(next) < scoreOf(worst) ? next : worst,
  );
  const margin = scoreOf(chosen) - scoreOf(rejected);
  if (margin <= 0) return { rule: "tie" };
  if (margin <= settings.minMargin) return { rule: "small-margin" };
  return { chosen, rejected };
};
