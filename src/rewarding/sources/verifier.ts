/**
 * @file Control arm: the truth is the reward, so that what a perfect judge would bring shows.
 */
import type { RewardSource } from "./reward-source.js";

export const verifier: RewardSource = {
  judge: null,
  called: "the verifier",
  score: (candidate, { truth }) => truth(candidate),
};
