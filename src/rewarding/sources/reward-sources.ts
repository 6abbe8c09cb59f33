/**
 * @file Every reward source by the name that recipes use: one file and one row each.
 */
import { coin } from "./coin.js";
import { endpoint } from "./endpoint.js";
import { frozen } from "./frozen.js";
import { random } from "./random.js";
import { rewardModel } from "./reward-model.js";
import type { RewardSource } from "./reward-source.js";
import { self } from "./self.js";
import { verifier } from "./verifier.js";

const SOURCES = {
  self,
  frozen,
  "reward-model": rewardModel,
  endpoint,
  verifier,
  random,
  coin,
} satisfies Readonly<Record<string, RewardSource>>;

export type RewardSourceName = keyof typeof SOURCES;

export const REWARD_SOURCE_NAMES = Object.keys(SOURCES) as RewardSourceName[];

export function rewardSource(name: RewardSourceName): RewardSource {
  return SOURCES[name];
}
