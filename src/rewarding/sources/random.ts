/**
 * @file Control arm: chance is the reward, so that what training alone does shows.
 */
import { TOP_SCORE } from "../judgement.js";
import type { RewardSource } from "./reward-source.js";

export const random: RewardSource = {
  judge: null,
  called: "chance",
  score: (candidate, { chance }) => TOP_SCORE * chance(candidate),
};
