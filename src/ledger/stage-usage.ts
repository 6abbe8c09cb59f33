/**
 * @file What was asked of models, stage by stage: of answers that were kept the table
 * `calls` says it, of what was computed for a stage's rows the stage.
 */
import type { LedgerDatabase } from "./database.js";

export interface Usage {
  readonly requests: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
  /** Millionths of a dollar. */
  readonly cost: number;
}

export interface StageUsage extends Usage {
  /** Its name, `PROBE`, or `UNKNOWN_STAGE`. */
  readonly stage: string;
}

/** Stands for what was asked before a stage began, to find out what a run will take. */
export const PROBE = "probe";

/** Stands for answers kept by versions that did not record their stage. */
const UNKNOWN_STAGE = "before this version";

export const NO_USAGE: Usage = {
  requests: 0,
  tokensIn: 0,
  tokensOut: 0,
  cost: 0,
};

export function sumOf(one: Usage, other: Usage): Usage {
  return {
    requests: one.requests + other.requests,
    tokensIn: one.tokensIn + other.tokensIn,
    tokensOut: one.tokensOut + other.tokensOut,
    cost: one.cost + other.cost,
  };
}

/** Of every stage that asked, in their order. */
export function usageByStage(database: LedgerDatabase): StageUsage[] {
  return database
    .all(
      `SELECT stage, total(requests) AS requests, total(tokens_in) AS tokens_in,
              total(tokens_out) AS tokens_out, total(cost) AS cost
       FROM (
         SELECT coalesce(stage, '${UNKNOWN_STAGE}') AS stage, 1 AS requests,
                tokens_in, tokens_out, cost FROM calls
         UNION ALL
         SELECT name, requests, tokens_in, tokens_out, cost FROM stages
         WHERE requests > 0
       ) GROUP BY stage ORDER BY (SELECT id FROM stages WHERE name = stage)`,
    )
    .map((stored) => ({
      stage: String(stored["stage"]),
      requests: Number(stored["requests"]),
      tokensIn: Number(stored["tokens_in"]),
      tokensOut: Number(stored["tokens_out"]),
      cost: Number(stored["cost"]),
    }));
}
