/**
 * @file Where a command's rows go: into a file, or with "-" to standard output, where the
 * summary then gives way to them.
 */
import { AutodidactError } from "../foundation/error.js";
import { rowText } from "../foundation/json-lines.js";
import { requireWritableFile } from "../pipelines/run/output-path.js";
import type { CommandIo } from "./io.js";

export interface RowOutput {
  /** The file; undefined where rows are printed. */
  readonly file: string | undefined;
  /** A row on standard output. */
  readonly print: (row: unknown) => void;
  /** Prints the summary, aside where rows have standard output. */
  readonly summarize: (text: string) => void;
}

/**
 * @param inputs files that are read, which the rows must not replace
 * @throws USAGE where `--json` wants standard output too; as `requireWritableFile`
 */
export async function rowOutput(
  io: CommandIo,
  out: string,
  inputs: readonly (string | undefined)[],
): Promise<RowOutput> {
  const isPrinted = out === "-";
  if (isPrinted && io.json) {
    throw new AutodidactError(
      "USAGE",
      "--out - puts rows on standard output, where --json puts its own document. Leave out one of them, or give --out a file.",
    );
  }
  if (!isPrinted) await requireWritableFile(out, inputs);
  return {
    file: isPrinted ? undefined : out,
    print: (row) => {
      io.print(rowText(row));
    },
    summarize: isPrinted ? io.remark : io.print,
  };
}
