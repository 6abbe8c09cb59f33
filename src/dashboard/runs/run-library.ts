/**
 * @file All runs of the dashboard, each read again only when something of it changed.
 *
 * A ledger is opened to read, asked, and closed again: nobody who writes ever waits for
 * the dashboard. What cannot be read is a run with its trouble, never a failure.
 */
import { messageLine } from "../../foundation/error.js";
import { withRunLedger } from "../../ledger/run-ledger.js";
import { readReport, reportPaths } from "../../reporting/report-file.js";
import type { Report } from "../../reporting/report-kinds.js";
import type { RunDetail, RunId, RunSummary } from "../api/api.js";
import type { MeasuredRows } from "./model-views.js";
import type { RunFolders, RunPlace } from "./run-folders.js";
import { signatureOf, type RunSignature } from "./run-signature.js";
import { runView, troubledRun } from "./run-view.js";
import { toldEvents } from "./told-events.js";

export interface RunLibrary {
  list(): Promise<RunSummary[]>;
  /** @throws DashboardFailure NOT_FOUND */
  detail(id: RunId): Promise<RunDetail>;
  /** @throws DashboardFailure NOT_FOUND */
  place(id: RunId): RunPlace;
}

interface Remembered {
  readonly signature: RunSignature;
  readonly detail: RunDetail;
  readonly measurements: MeasuredRows;
}

export function openRunLibrary(folders: RunFolders): RunLibrary {
  const remembered = new Map<string, Remembered>();
  const read = async (place: RunPlace): Promise<RunDetail> => {
    const signature = signatureOf(place.folder);
    const before = remembered.get(place.folder);
    if (before?.signature.all === signature.all) return before.detail;
    const fresh: MeasuredRows = new Map();
    const measurements =
      before?.signature.ledger === signature.ledger
        ? before.measurements
        : fresh;
    const detail = await readRun(place, signature, measurements);
    remembered.set(place.folder, { signature, detail, measurements });
    return detail;
  };
  return {
    list: async () => {
      const details = [];
      for (const place of folders.list()) details.push(await read(place));
      return details.map(summaryOf);
    },
    detail: (id) => read(folders.find(id)),
    place: (id) => folders.find(id),
  };
}

async function readRun(
  place: RunPlace,
  { isRunning }: RunSignature,
  measurements: MeasuredRows,
): Promise<RunDetail> {
  const { folder } = place;
  const told = toldEvents(folder);
  const report = isRunning ? null : await reportIn(folder);
  try {
    return withRunLedger(folder, (ledger) =>
      runView(place, ledger, { isRunning, told, report, measurements }),
    );
  } catch (cause) {
    return troubledRun(place, messageLine(cause));
  }
}

/** Null where there is none of this version. */
async function reportIn(folder: string): Promise<Report | null> {
  try {
    return await readReport(reportPaths(folder).json);
  } catch {
    return null;
  }
}

function summaryOf(detail: RunDetail): RunSummary {
  const {
    recipe: _recipe,
    stages: _stages,
    models: _models,
    warnings: _warnings,
    ended: _ended,
    ...summary
  } = detail;
  return summary;
}
