/**
 * @file The embedded engine as a {@link Trainer}.
 */
import type { Device } from "../engine/runtime/device.js";
import { trainDpo } from "./dpo.js";
import { trainSft } from "./sft.js";
import { trainReward } from "./reward.js";
import type { RewardTrainer, Trainer } from "./trainer.js";

export function embeddedTrainer(device: Device): Trainer & RewardTrainer {
  return {
    sft: (job) => trainSft(job, device),
    dpo: (job) => trainDpo(job, device),
    reward: (job) => trainReward(job, device),
  };
}
