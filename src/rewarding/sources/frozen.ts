/**
 * @file M1 judges in every round: a judge that does not learn with the model.
 */
import type { RewardSource } from "./reward-source.js";

export const frozen: RewardSource = { judge: "frozen" };
