/**
 * @file The form of the data report: what a set of instructions looks like, in
 * numbers. The schema is the one source of the types of whoever computes a part and
 * of whoever draws it. Shares, similarities and evenness lie in 0..1.
 */
import { z } from "zod";

const amount = z.int().min(0);

const countSchema = z.object({ name: z.string(), count: amount });

/** A name and how often it occurred. */
export type Count = z.infer<typeof countSchema>;

/** Values in [from, to); null is a last bin without an end. */
const bin = z.object({
  from: z.number(),
  to: z.number().nullable(),
  count: amount,
});

export type Bin = z.infer<typeof bin>;

const lengthStatistics = z.object({
  count: amount,
  mean: z.number(),
  median: z.number(),
  /** 5th and 95th percentile. */
  low: z.number(),
  high: z.number(),
  histogram: z.array(bin).readonly(),
});

export type LengthStatistics = z.infer<typeof lengthStatistics>;

/** A leading verb and what it is applied to. */
const verbObjects = z.object({
  verb: z.string(),
  /** Instructions that begin with it. */
  count: amount,
  /** The commonest direct objects, at most four; none where none are looked for. */
  objects: z.array(countSchema).readonly(),
});

export type VerbObjects = z.infer<typeof verbObjects>;

const verbDiversity = z.object({
  /** Instructions in which a leading verb was found. */
  found: amount,
  distinctVerbs: amount,
  /** Entropy of the verbs in bits. */
  verbEntropy: z.number(),
  /** The commonest verbs with their commonest objects: figure 3 of the paper. */
  byVerb: z.array(verbObjects).readonly(),
  /** "write poem"; absent in a language for which no objects are found. */
  pairs: z
    .object({
      found: amount,
      distinct: amount,
      commonest: z.array(countSchema).readonly(),
      /** Share of all instructions that the paper's picture would show: 20 verbs with 4 objects each. */
      topShare: z.number(),
    })
    .exactOptional(),
});

export type VerbDiversity = z.infer<typeof verbDiversity>;

const seedSimilarity = z.object({
  mean: z.number(),
  /** Of the largest similarity to any seed, in tenths; figure 4 of the paper. */
  histogram: z.array(bin).readonly(),
});

export type SeedSimilarity = z.infer<typeof seedSimilarity>;

/** Instructions that resemble each other more than the clustering threshold. */
const cluster = z.object({ instructions: z.array(z.string()).readonly() });

export type Cluster = z.infer<typeof cluster>;

const labelBalance = z.object({
  tasks: amount,
  instances: amount,
  /** Tasks with at least two instances; only these can be uneven. */
  comparableTasks: amount,
  /** Comparable tasks of which all instances have one label. */
  oneLabelTasks: amount,
  /**
   * Mean over comparable tasks of the entropy of the labels over the entropy that
   * as many instances could have: 1 is all different or even, 0 is one label.
   */
  evenness: z.number(),
  /** The commonest labels over all tasks. */
  commonest: z.array(countSchema).readonly(),
});

export type LabelBalance = z.infer<typeof labelBalance>;

/** A stretch of the instructions in the order in which they were accepted. */
const trendWindow = z.object({
  /** Accepted instructions before this window, and in it. */
  from: amount,
  size: amount,
  /** Mean largest similarity to anything earlier, seeds included. */
  similarity: z.number(),
  /** Distinct pairs of neighbouring tokens over all such pairs in the window. */
  distinctPairs: z.number(),
  /** Share of tokens that no earlier instruction had. */
  newTokens: z.number(),
});

export type TrendWindow = z.infer<typeof trendWindow>;

const contamination = z.object({
  taskId: z.string(),
  prompt: z.string(),
  evaluationPrompt: z.string(),
  kind: z.enum(["equal", "shared-run", "similar"]),
  /** ROUGE-L for `similar`, tokens shared in a row otherwise. */
  amount: z.number(),
});

export type Contamination = z.infer<typeof contamination>;

export const dataReportSchema = z.object({
  language: z.string(),
  counts: z.object({
    instructions: amount,
    classification: amount,
    other: amount,
    instances: amount,
    instancesWithoutInput: amount,
    instructionsWithoutInstances: amount,
  }),
  /** In `unit`; inputs are the non-empty ones, as in table 1 of the paper. */
  lengths: z.object({
    unit: z.enum(["words", "characters"]),
    instruction: lengthStatistics,
    input: lengthStatistics,
    output: lengthStatistics,
  }),
  verbs: verbDiversity,
  seedSimilarity,
  nearDuplicates: z.object({
    threshold: z.number(),
    clusters: amount,
    instructionsInClusters: amount,
    /** The largest ones. */
    largest: z.array(cluster).readonly(),
  }),
  labels: labelBalance,
  trend: z.array(trendWindow).readonly(),
  /** Absent when no evaluation set was given. */
  contamination: z
    .object({
      evaluationPrompts: amount,
      findings: z.array(contamination).readonly(),
    })
    .exactOptional(),
});

export type InstructionDataReport = z.infer<typeof dataReportSchema>;
