/**
 * @file A model behind an endpoint judges: the outside judge, which does not learn with
 * the model and costs what it costs.
 */
import type { RewardSource } from "./reward-source.js";

export const endpoint: RewardSource = { judge: "endpoint" };
