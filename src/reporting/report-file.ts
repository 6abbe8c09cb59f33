/**
 * @file report.json and report.html as files, of every kind of run.
 *
 * Both are written whole or not at all. No NaN reaches a file: a number that is not
 * finite becomes null. What is read was checked by the schema of its kind.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { AutodidactError, messageOf } from "../foundation/error.js";
import { writeFileAtomic } from "../foundation/storage.js";
import { instructReportSchema } from "./instruct/schema.js";
import { runReportSchema } from "./self-rewarding/schema.js";
import {
  pageOf,
  REPORT_KINDS,
  type ReportKind,
  type Report,
} from "./report-kinds.js";
import { trainingReportSchema } from "./self-instruct/schema.js";

const reportSchema = z.discriminatedUnion(
  "kind",
  [runReportSchema, instructReportSchema, trainingReportSchema],
  {
    error: `expected an object whose "kind" is one of ${Object.keys(REPORT_KINDS).join(", ")}`,
  },
);

/** What the loop wrote before every report named its kind. */
const unnamedRunReport = runReportSchema.extend({
  kind: runReportSchema.shape.kind.default("self-rewarding"),
});

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
  report: Report,
): Promise<ReportPaths> {
  const ordered = reportSchema.parse(withoutNonFinite(report));
  const paths = reportPaths(folder);
  await writeFileAtomic(paths.json, `${JSON.stringify(ordered, null, 2)}\n`);
  await writeFileAtomic(paths.html, pageOf(ordered));
  return paths;
}

/** Where the report of a run folder lies. */
export function reportPaths(folder: string): ReportPaths {
  return {
    json: join(folder, "report.json"),
    html: join(folder, "report.html"),
  };
}

/**
 * Reads a report.json back, to draw it again or to compare it.
 * @param kind where only one will do
 * @throws BAD_INPUT naming the file and the field that is missing or wrong
 */
export async function readReport(path: string): Promise<Report>;
export async function readReport<K extends ReportKind>(
  path: string,
  kind: K,
): Promise<Report<K>>;
export async function readReport(
  path: string,
  kind?: ReportKind,
): Promise<Report> {
  const content = await readContent(path);
  const parsed = reportSchema.safeParse(content);
  const report = parsed.data ?? unnamedRunReport.safeParse(content).data;
  if (report === undefined) {
    const issue = parsed.error?.issues[0];
    const field = issue?.path.join(".") ?? "";
    throw new AutodidactError(
      "BAD_INPUT",
      `${path} is not a report of this version: ${field === "" ? "the whole file" : `field "${field}"`}: ${issue?.message ?? "unknown"}. Give the command that made the run once more: it writes the report anew from what is recorded.`,
      { path, field },
      { cause: parsed.error },
    );
  }
  if (kind === undefined || report.kind === kind) return report;
  throw new AutodidactError(
    "BAD_INPUT",
    `${path} is the report of a run of kind ${report.kind}. Give one of kind ${kind}.`,
    { path, kind: report.kind },
  );
}

async function readContent(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new AutodidactError(
      "BAD_INPUT",
      `Cannot read the report ${path}: ${messageOf(cause)}. Expected a report.json written by a run; give its path, or run again to make one.`,
      { path },
      { cause },
    );
  }
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
