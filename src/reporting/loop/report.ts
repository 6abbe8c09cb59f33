/**
 * @file report.json and report.html as files, and the types of what is in them.
 *
 * Both files are written whole or not at all. No NaN reaches a file: a number that
 * is not finite becomes null. Draws nothing (html/) and measures nothing
 * (../evaluation).
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import { AutodidactError } from "../../foundation/error.js";
import { writeFileAtomic } from "../../foundation/storage.js";
import { renderReport } from "./page.js";
import { runReportSchema } from "./report-schema.js";

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

/** The whole of report.json; each field is described in report-schema.ts. */
export type RunReport = DeepReadonly<z.infer<typeof runReportSchema>>;
export type ModelReport = RunReport["models"][number];
export type GainReport = RunReport["gains"][number];
export type HeadToHeadReport = RunReport["headToHead"][number];
export type JudgeSwapReport = RunReport["judgeSwap"][number];
export type RoundReport = RunReport["rounds"][number];
export type TrainingReport = RunReport["training"][number];
export type WarningReport = RunReport["warnings"][number];
export type PairExampleReport = RunReport["examples"][number];
export type ArmReport = RunReport["arms"][number];
export type ArmRunReport = ArmReport["runs"][number];

export interface ReportPaths {
  readonly json: string;
  readonly html: string;
}

/**
 * Writes `report.json` (keys in the schema's order) and `report.html` into a run
 * folder, each replacing an older one atomically.
 * @returns the two paths
 * @throws STORAGE when a file cannot be written; what was there stays
 */
export async function writeReport(
  folder: string,
  report: RunReport,
): Promise<ReportPaths> {
  const ordered = runReportSchema.parse(withoutNonFinite(report));
  const paths = {
    json: join(folder, "report.json"),
    html: join(folder, "report.html"),
  };
  await writeFileAtomic(paths.json, `${JSON.stringify(ordered, null, 2)}\n`);
  await writeFileAtomic(paths.html, renderReport(ordered));
  return paths;
}

/**
 * Reads a report.json back, to draw it again or to compare it.
 * @throws BAD_INPUT naming the file and the field that is missing or wrong
 */
export async function readReport(path: string): Promise<RunReport> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new AutodidactError(
      "BAD_INPUT",
      `Cannot read the report ${path}: ${cause instanceof Error ? cause.message : String(cause)}. Expected a report.json written by a run; give its path, or run again to make one.`,
      { path },
      { cause },
    );
  }
  const parsed = runReportSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join(".") ?? "";
  throw new AutodidactError(
    "BAD_INPUT",
    `${path} is not a report of this version: ${field === "" ? "the whole file" : `field "${field}"`}: ${issue?.message ?? "unknown"}. Write it again from its run folder.`,
    { path, field },
    { cause: parsed.error },
  );
}

/**
 * The report with every measured time, memory figure and machine taken out: what
 * two runs of one recipe and seed must agree on to the last bit.
 */
export function withoutTimings(report: RunReport): RunReport {
  return {
    ...report,
    rounds: report.rounds.map((round) => ({ ...round, seconds: null })),
    training: report.training.map((run) => ({ ...run, seconds: null })),
    timings: null,
  };
}

/** NaN and ±∞, which JSON cannot say, as null: unknown. */
function withoutNonFinite(value: unknown): unknown {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map(withoutNonFinite);
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [
        key,
        withoutNonFinite(member),
      ]),
    );
  }
  return value;
}
