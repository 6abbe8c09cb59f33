/**
 * @file What a reward source is: candidates in, judgements out. A model of the run judges
 * by its rubric, or a function of the candidate gives the score.
 */
import type { Candidate } from "../candidate.js";

/** What a function may use to give a score. */
export interface RewardMeans {
  /** The true score, 0 … 5; null where nobody knows. */
  readonly truth: (candidate: Candidate) => number | null;
  /** Uniform in [0, 1), of this candidate in this round. */
  readonly chance: (candidate: Candidate) => number;
  /** A coin tossed for the candidate's prompt in this round. */
  readonly heads: (candidate: Candidate) => boolean;
}

export type RewardSource =
  | {
      /** The model that wrote the candidates, the first that was taught, a reward model, or one behind an endpoint. */
      readonly judge: "author" | "frozen" | "rewardModel" | "endpoint";
    }
  | {
      readonly judge: null;
      /** In the title of a stage. */
      readonly called: string;
      /** 0 … 5; null abstains. */
      readonly score: (
        candidate: Candidate,
        means: RewardMeans,
      ) => number | null;
    };
