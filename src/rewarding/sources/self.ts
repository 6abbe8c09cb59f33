/**
 * @file The model judges its own answers (Self-Rewarding, section 2.2).
 */
import type { RewardSource } from "./reward-source.js";

export const self: RewardSource = { judge: "author" };
