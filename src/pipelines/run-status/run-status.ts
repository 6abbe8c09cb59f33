/**
 * @file How far a run is, read from its ledger, and from its report why it ended; safe
 * beside the process that writes it, and changes nothing.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { AutodidactError } from "../../foundation/error.js";
import { LEDGER_FILE } from "../../ledger/ledger-file.js";
import type { LedgerReader } from "../../ledger/ledger.js";
import { withRunLedger } from "../../ledger/run-ledger.js";
import type { StageCounts } from "../../ledger/stage-counts.js";
import type { StageUsage } from "../../ledger/stage-usage.js";
import { reportPaths } from "../../reporting/report-file.js";
import { runReportSchema } from "../../reporting/self-rewarding/schema.js";
import { stagesAhead } from "../run/plan.js";
import { countGivenUp } from "../run/unanswered.js";

export interface RunStatus {
  readonly folder: string;
  /** Of the recipe; null before it is recorded. */
  readonly name: string | null;
  readonly seed: number | null;
  /** ISO time. */
  readonly created: string | null;
  readonly stages: readonly StageCounts[];
  /** What each stage asked of models. */
  readonly usage: readonly StageUsage[];
  readonly models: readonly { readonly id: string; readonly path: string }[];
  /** Stages still to come, the one under way first; null where no plan was recorded. */
  readonly ahead: readonly string[] | null;
  /** Questions of a Self-Instruct run that were given up; the same command asks them again. */
  readonly givenUp: number;
  /** Why a run is over although stages were still planned; null while it may go on. */
  readonly ended: string | null;
}

/**
 * The status of a run folder, or of each run of a comparison's folder in the order of
 * its recipe.
 * @throws LEDGER: no ledger there, or a damaged one; STORAGE: it cannot be read
 */
export function readRunStatus(folder: string): readonly RunStatus[] {
  if (statSync(folder, { throwIfNoEntry: false })?.isFile() === true) {
    throw new AutodidactError(
      "LEDGER",
      `${folder} is a file; a run is a folder with a ledger. Give the folder of a run.`,
      { path: folder },
    );
  }
  const members = existsSync(join(folder, LEDGER_FILE))
    ? []
    : runsInside(folder);
  return (members.length === 0 ? [folder] : members)
    .map((each) => withRunLedger(each, (ledger) => statusIn(ledger, each)))
    .sort(byBeginning);
}

/** A comparison begins its runs in the order of its recipe; one not yet recorded comes last. */
function byBeginning(a: RunStatus, b: RunStatus): number {
  if (a.created === b.created)
    return a.folder.localeCompare(b.folder, "en", { numeric: true });
  if (a.created === null) return 1;
  if (b.created === null) return -1;
  return a.created < b.created ? -1 : 1;
}

/** Folders right below `folder` that are runs. */
function runsInside(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name))
    .filter((path) => existsSync(join(path, LEDGER_FILE)));
}

/** The status of the run whose ledger is open; its report lies in `folder`. */
export function statusIn(ledger: LedgerReader, folder: string): RunStatus {
  const run = ledger.run();
  const stages = ledger.counts();
  return {
    folder,
    name: named.safeParse(run?.recipe).data?.name ?? null,
    seed: run?.seed ?? null,
    created: run?.created ?? null,
    stages,
    usage: ledger.usage(),
    models: [...ledger.read("models")].map(({ name, path }) => ({
      id: name,
      path,
    })),
    ahead: stagesAhead(ledger),
    givenUp: countGivenUp(ledger),
    ended: endedBy(folder, stages),
  };
}

const named = z.object({ name: z.string() });

/** The part of a report that says so; of an older version's too. */
const ending = runReportSchema.pick({ gate: true, stop: true });

/** The report says what ended a run, unless stages were begun after it was written. */
function endedBy(
  folder: string,
  stages: readonly StageCounts[],
): string | null {
  const path = reportPaths(folder).json;
  if (stages.some(({ status }) => status === "open") || !existsSync(path))
    return null;
  const report = ending.safeParse(jsonIn(path)).data;
  if (report === undefined) return null;
  const { gate, stop } = report;
  if (stop !== null)
    return `the stop rule ended the run; ${stop.kept ?? "no model"} is kept`;
  const begun = stages.some(({ name }) => name.startsWith("round-"));
  return gate !== null && !gate.passed && !gate.forced && !begun
    ? "the judge did not pass the gate"
    : null;
}

/** Undefined for a file that cannot be read as JSON. */
function jsonIn(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}
