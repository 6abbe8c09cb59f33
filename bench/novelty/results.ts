/**
 * @file The numbers of docs/results/novelty.json.
 */
import type { SetDescription } from "./describe-set.js";
import type { Elapsed } from "./measure.js";

export interface Results {
  readonly filter: readonly {
    readonly name: string;
    readonly set: SetDescription;
    readonly runs: readonly (Elapsed & {
      readonly rejected: number;
      /** Pairs that brute force compares. */
      readonly pairs: number;
    })[];
    /** The filter when each kept text is told its nearest as well. */
    readonly nearest: Elapsed;
  }[];
  readonly "brute-force": Elapsed & {
    readonly checked: number;
    readonly differentDecisions: number;
    /** Texts, kept ones too, whose nearest member or score differed. */
    readonly differentNeighbours: number;
  };
  readonly peers: {
    /** Pairs that brute force compares on the whole set. */
    readonly pairs: number;
    /** Our filter on the whole set, first run of the process. */
    readonly ours: Elapsed;
    readonly rows: readonly {
      readonly name: string;
      readonly candidates: number;
      readonly pairs: number;
      readonly secondsPerPair: number;
      readonly differentDecisions: number;
      readonly differentScores: number;
    }[];
  };
  readonly million: {
    readonly count: number;
    readonly kept: number;
    readonly rejected: number;
    readonly points: readonly (Elapsed & {
      readonly candidates: number;
      readonly residentMiB: number;
    })[];
    /** Largest resident set of the process. */
    readonly peakMiB: number;
  };
  /** Where the numbers of each part came from. */
  readonly origins: Partial<Record<PartName, Origin>>;
}

export type PartName = "filter" | "brute-force" | "peers" | "million";

export interface Origin {
  readonly commit: string;
  readonly machine: string;
  readonly command: string;
}
