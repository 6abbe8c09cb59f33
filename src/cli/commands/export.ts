/**
 * @file `autodidact export`: training data in the format another program wants.
 */
import { counted } from "../../evaluation/number-words.js";
import { AutodidactError } from "../../foundation/error.js";
import {
  EXPORT_FORMATS,
  exportRows,
  readDataFile,
  readRunData,
} from "../../pipelines/plain-files/export.js";
import { requireWritableFile } from "../../pipelines/plain-files/output-path.js";
import { defineCommand } from "../command.js";

export const exportCommand = defineCommand({
  name: "export",
  summary: "Write training data in another format",
  description:
    "Reads a run's data sets, or a file of prompt/completion, messages, Alpaca or preference rows, and writes alpaca (one JSON array), messages, prompt-completion or dpo (JSON Lines), or parquet. All of them load in Hugging Face datasets.",
  options: {
    run: {
      kind: "text",
      placeholder: "DIR",
      description: "Run folder whose data sets are exported; or give --data",
    },
    data: {
      kind: "text",
      placeholder: "FILE",
      description: "Data file to convert; or give --run",
    },
    dataset: {
      kind: "text",
      placeholder: "NAME",
      description:
        "One data set of the run, such as M1; all that fit the format when absent",
    },
    format: {
      kind: "choice",
      choices: EXPORT_FORMATS,
      required: true,
      description: "What to write",
    },
    out: {
      kind: "text",
      placeholder: "FILE",
      description: "Where the rows go",
      required: true,
    },
  },
  examples: [
    {
      line: "autodidact export --run runs/a --format dpo --out pairs.jsonl",
      does: "Writes the preference pairs of all rounds of a run",
    },
    {
      line: "autodidact export --data alpaca.json --format parquet --out data.parquet",
      does: "Converts an Alpaca file to Parquet",
    },
  ],
  run: async ({ run, data, dataset, format, out }, io) => {
    if ((run === undefined) === (data === undefined)) {
      throw new AutodidactError(
        "USAGE",
        `Give either --run DIR or --data FILE${run === undefined ? "" : ", not both"}.`,
      );
    }
    const files =
      run === undefined
        ? [await readDataFile(data as string)]
        : await readRunData(run, format, dataset);
    const inputs = files.map(({ path }) => path);
    await requireWritableFile(out, inputs);
    const rows = await exportRows(files, format, out);
    io.print(
      `${counted(rows, "row")} of ${inputs.join(", ")} as ${format}: ${out}`,
    );
    io.printJson({ rows, format, inputs, out });
  },
});
