/**
 * @file Null arm: the truth, or its opposite, by a coin tossed for each prompt. The pairs
 * are the verifier's with their sides in random order, so nothing differs from the
 * verifier's arm but what they teach.
 */
import { TOP_SCORE } from "../judgement.js";
import type { RewardSource } from "./reward-source.js";

export const coin: RewardSource = {
  judge: null,
  called: "a coin",
  score: (candidate, { truth, heads }) => {
    const score = truth(candidate);
    return score === null || heads(candidate) ? score : TOP_SCORE - score;
  },
};
