/**
 * @file A run as files for other tools, and what its reviewers made of it: what `export`
 * writes of a ledger rather than of data sets.
 */
import { join } from "node:path";
import type { ReviewFile } from "../dashboard/api/api.js";
import { openReviews } from "../dashboard/review/reviews.js";
import { AutodidactError } from "../foundation/error.js";
import { writeFileAtomic } from "../foundation/storage.js";
import { writeInspectLogs } from "../interop/inspect-logs.js";
import { writeTables } from "../interop/parquet-tables.js";
import { writeTrainingEvents } from "../interop/training-events.js";
import type { WrittenFile } from "../interop/written-file.js";
import { LEDGER_FILE } from "../ledger/ledger-file.js";
import { openLedger, type LedgerReader } from "../ledger/ledger.js";
import { counted } from "../text/number-words.js";
import type { CommandIo } from "./io.js";
import { rowOutput } from "./row-output.js";

const REVIEW_FILES = {
  verdicts: "verdicts.jsonl",
  "reviewed-pairs": "pairs.jsonl",
  "reviewed-eft": "eft.jsonl",
} as const satisfies Readonly<Record<string, ReviewFile>>;

const FOLDERS = {
  tables: writeTables,
  tensorboard: writeTrainingEvents,
  inspect: writeInspectLogs,
} as const satisfies Readonly<
  Record<
    string,
    (
      ledger: LedgerReader,
      folder: string,
      run: string,
    ) => Promise<readonly WrittenFile[]>
  >
>;

type ReviewFormat = keyof typeof REVIEW_FILES;
type FolderFormat = keyof typeof FOLDERS;

export type RunFormat = ReviewFormat | FolderFormat;

export const RUN_FORMATS: readonly RunFormat[] = [
  ...(Object.keys(REVIEW_FILES) as ReviewFormat[]),
  ...(Object.keys(FOLDERS) as FolderFormat[]),
];

interface RunExport {
  readonly run: string;
  readonly format: RunFormat;
  readonly out: string;
}

/** @throws LEDGER, BAD_INPUT, USAGE, STORAGE */
export async function exportRun(
  { run, format, out }: RunExport,
  io: CommandIo,
): Promise<void> {
  if (format in REVIEW_FILES)
    await writeReview(run, { format: format as ReviewFormat, out }, io);
  else await writeFolder(run, { format: format as FolderFormat, out }, io);
}

async function writeReview(
  run: string,
  { format, out }: { readonly format: ReviewFormat; readonly out: string },
  io: CommandIo,
): Promise<void> {
  const reviews = openReviews({ id: run, folder: run });
  const lines: string[] = [];
  for await (const line of reviews.export(REVIEW_FILES[format]))
    lines.push(line);
  const output = await rowOutput(io, out, []);
  if (output.file !== undefined) await writeFileAtomic(output.file, lines);
  else for (const line of lines) io.print(line.trimEnd());
  const rows = lines.length;
  output.summarize(`${counted(rows, "row")} of ${run} as ${format}: ${out}`);
  io.printJson({ rows, format, run, out });
}

async function writeFolder(
  run: string,
  { format, out }: { readonly format: FolderFormat; readonly out: string },
  io: CommandIo,
): Promise<void> {
  if (out === "-") {
    throw new AutodidactError(
      "USAGE",
      `The format ${format} is a folder of files and does not go to standard output. Give --out a folder.`,
      { format },
    );
  }
  const ledger = openLedger({ path: join(run, LEDGER_FILE), mode: "read" });
  try {
    const files = await FOLDERS[format](ledger, out, run);
    if (files.length === 0) {
      throw new AutodidactError(
        "BAD_INPUT",
        `${run} has nothing yet that ${format} could hold; autodidact status ${run} shows how far it is. Export again later, or choose another --format.`,
        { path: run, format },
      );
    }
    io.print(`${counted(files.length, "file")} of ${run} as ${format}: ${out}`);
    io.printJson({ files, format, run, out });
  } finally {
    ledger.close();
  }
}
