/**
 * @file Two or more runs side by side: what their recipes differ in, key by key, and their
 * training curves.
 */
import { harmless } from "../text/harmless.js";
import type { RunComparison, RunId } from "./api/api.js";
import { DashboardFailure } from "./api/failure.js";
import { curveBetween, fewerPoints } from "./live/curves.js";
import { withRunLedger } from "../ledger/run-ledger.js";
import type { RunLibrary } from "./runs/run-library.js";

/** Of one run. */
const MOST_POINTS = 400;
const MOST_RUNS = 20;

/** @throws DashboardFailure USAGE for fewer than two runs or too many, NOT_FOUND */
export async function compareRuns(
  library: RunLibrary,
  ids: readonly RunId[],
): Promise<RunComparison> {
  requireSeveral(ids);
  const runs = await Promise.all(ids.map((id) => library.detail(id)));
  const read = runs.map(({ id, trouble }) =>
    trouble === null ? readRun(library.place(id).folder) : NOTHING,
  );
  return {
    runs,
    recipe: recipeDifferences(read.map(({ recipe }) => recipe)),
    curves: read.map(({ points }, i) => ({
      run: ids[i] as RunId,
      points: fewerPoints(points, MOST_POINTS),
    })),
  };
}

/** @throws DashboardFailure USAGE */
export function requireSeveral(ids: readonly RunId[]): void {
  if (ids.length >= 2 && ids.length <= MOST_RUNS && !hasDoubles(ids)) return;
  throw new DashboardFailure(
    "USAGE",
    `Some other number of runs, or one of them twice, was to be compared; 2 to ${MOST_RUNS} different ones can be. Name each once, with run=RUN.`,
  );
}

const hasDoubles = (ids: readonly RunId[]): boolean =>
  new Set(ids).size < ids.length;

const NOTHING = { recipe: undefined, points: [] } as const;

function readRun(folder: string) {
  return withRunLedger(folder, (ledger) => ({
    recipe: ledger.run()?.recipe,
    points: curveBetween(ledger),
  }));
}

function recipeDifferences(
  recipes: readonly unknown[],
): RunComparison["recipe"] {
  const leaves = recipes.map((recipe) => new Map(leavesOf("", recipe)));
  const keys = new Set(leaves.flatMap((each) => [...each.keys()]));
  return [...keys]
    .sort()
    .map((key) => ({
      key: harmless(key),
      values: leaves.map((each) => each.get(key) ?? null),
    }))
    .filter(({ values }) => new Set(values).size > 1);
}

/** Dotted keys with their values as text; a list is one value. */
function* leavesOf(key: string, value: unknown): Generator<[string, string]> {
  if (value === undefined) return;
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    yield [key, harmless(text)];
    return;
  }
  for (const [name, member] of Object.entries(value))
    yield* leavesOf(key === "" ? name : `${key}.${name}`, member);
}
