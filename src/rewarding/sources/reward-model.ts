/**
 * @file A reward model judges, trained on rankings before the first round and then frozen:
 * what RLHF does (Ouyang et al. 2022), to hold a judge that learns against.
 */
import type { RewardSource } from "./reward-source.js";

export const rewardModel: RewardSource = { judge: "rewardModel" };
