/**
 * @file Training curves: steps of the ledger, and of the training under way those that
 * the ledger has not got yet.
 */
import { z } from "zod";
import type { LedgerReader } from "../../ledger/ledger.js";
import type { Row } from "../../ledger/records.js";
import { stageOf } from "../../ledger/stage-counts.js";
import type { CurvePoint } from "../api/api.js";

const metrics = z.record(z.string(), z.unknown());

/** Steps in the rows above `afterId` up to `lastId`, oldest first; all when absent. */
export function curveBetween(
  ledger: LedgerReader,
  afterId = 0,
  lastId = Number.MAX_SAFE_INTEGER,
): CurvePoint[] {
  const stages = ledger.counts();
  return [...ledger.read("training_steps", { afterId })]
    .filter(({ id }) => id <= lastId)
    .map((row) => pointOf(row, stageOf(stages, row)?.name ?? ""));
}

function pointOf(
  { step, metrics: told }: Row<"training_steps">,
  stage: string,
): CurvePoint {
  const numbers = Object.entries(metrics.parse(told)).filter(
    (entry): entry is [string, number] =>
      entry[0] !== "step" && typeof entry[1] === "number",
  );
  return { stage, step, metrics: Object.fromEntries(numbers) };
}

/** At most `most` points, evenly, with the first and the last of each stage. */
export function fewerPoints(
  points: readonly CurvePoint[],
  most: number,
): readonly CurvePoint[] {
  if (points.length <= most) return points;
  const isEnd = (place: number): boolean => {
    const { stage } = points[place] as CurvePoint;
    return (
      points[place - 1]?.stage !== stage || points[place + 1]?.stage !== stage
    );
  };
  const ends = points.filter((_, place) => isEnd(place)).length;
  const room = Math.max(1, most - ends);
  let taken = 0;
  return points.filter((_, place) => {
    if (isEnd(place)) return true;
    const due = Math.floor(((place + 1) * room) / points.length);
    if (due <= taken) return false;
    taken = due;
    return true;
  });
}
