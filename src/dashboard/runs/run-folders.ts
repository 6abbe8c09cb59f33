/**
 * @file The run folders that the dashboard was opened on, looked for anew at each asking.
 *
 * A folder that is given is a run, or holds runs, or holds comparisons that hold runs.
 * Links are not followed. Once a folder has its name it keeps it, and only these names
 * lead to folders: no path that comes from outside is ever opened.
 */
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { LEDGER_FILE } from "../../ledger/ledger-file.js";
import type { RunId } from "../api/api.js";
import { notFound } from "../api/failure.js";

export interface RunPlace {
  readonly id: RunId;
  /** Absolute. */
  readonly folder: string;
  /** Name of the comparison's folder that it lies in. */
  readonly comparison: string | null;
}

export interface RunFolders {
  /** In the order given, those inside a folder by name. */
  list(): readonly RunPlace[];
  /** @throws DashboardFailure NOT_FOUND */
  find(id: RunId): RunPlace;
}

/** @param given folders, which need not exist yet */
export function openRunFolders(given: readonly string[]): RunFolders {
  const known = new Map<string, RunPlace>();
  const taken = new Map<RunId, string>();
  const place = (found: FoundRun): RunPlace => {
    const before = known.get(found.folder);
    if (before !== undefined) return before;
    const id = freeName(found, taken);
    const { folder, comparison } = found;
    const named = { id, folder, comparison };
    known.set(folder, named);
    taken.set(id, folder);
    return named;
  };
  const list = (): readonly RunPlace[] => {
    const places = given.flatMap(runsOf).map(place);
    return [...new Set(places)];
  };
  return {
    list,
    find: (id) => {
      const found =
        known.get(taken.get(id) ?? "") ?? list().find((each) => each.id === id);
      if (found === undefined) throw notFound("run", id);
      return found;
    },
  };
}

type FoundRun = Omit<RunPlace, "id">;

function freeName(
  { folder, comparison }: FoundRun,
  taken: ReadonlyMap<RunId, string>,
): RunId {
  const own = basename(folder);
  const name = comparison === null ? own : `${comparison}/${own}`;
  let free = name;
  for (let count = 2; taken.has(free); count++) free = `${name}~${count}`;
  return free;
}

function runsOf(given: string): FoundRun[] {
  const folder = real(given);
  if (isRun(folder)) return [{ folder, comparison: null }];
  const inside = foldersIn(folder);
  const own = isComparison(folder, inside) ? basename(folder) : null;
  return inside.flatMap((each): FoundRun[] => {
    if (isRun(each)) return [{ folder: each, comparison: own }];
    return foldersIn(each)
      .filter(isRun)
      .map((run) => ({ folder: run, comparison: basename(each) }));
  });
}

function isRun(folder: string): boolean {
  return existsSync(join(folder, LEDGER_FILE));
}

/** What lies beside the runs of one recipe, and not beside runs that came together by chance. */
const OF_COMPARISONS = ["report.json", ".report.json.lock", "shared"];

function isComparison(folder: string, inside: readonly string[]): boolean {
  return (
    OF_COMPARISONS.some((name) => existsSync(join(folder, name))) ||
    inside.some((run) => /^seed-\d+$/.test(basename(run)))
  );
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(folder, name))
      .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  } catch {
    // Not there yet, or gone: it holds no runs now.
    return [];
  }
}

/** One folder has one name, whichever link led to it. */
function real(given: string): string {
  try {
    return realpathSync(given);
  } catch {
    return resolve(given);
  }
}
