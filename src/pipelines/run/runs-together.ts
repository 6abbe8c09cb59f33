/**
 * @file Several runs of one recipe, for other seeds or arms: each in a folder of its own
 * inside one folder, so that each can be looked at, resumed and repeated alone.
 */
import { join } from "node:path";
import { withOutputLock } from "../../ledger/writer-lock.js";

/**
 * Runs all, in order, while no other process does.
 * @param folder of them all; each run names its own inside
 * @param report makes and writes the common report
 * @returns what `report` gave
 */
export function runTogether<Run extends { readonly folder: string }, Report>(
  folder: string,
  runs: readonly Run[],
  start: (run: Run, folder: string) => Promise<Report>,
  report: (reports: ReadonlyMap<Run, Report>) => Promise<Report>,
): Promise<Report> {
  return withOutputLock(join(folder, "report.json"), async () => {
    const reports = new Map<Run, Report>();
    for (const run of runs)
      reports.set(run, await start(run, join(folder, run.folder)));
    return report(reports);
  });
}
