/**
 * @file `autodidact export`: training data, or a model, in the format another program
 * wants.
 */
import { counted } from "../../text/number-words.js";
import { AutodidactError } from "../../foundation/error.js";
import { rowText } from "../../foundation/json-lines.js";
import {
  EXPORT_FORMATS,
  convertRows,
  readDataFile,
  readRunData,
  writeConverted,
  type ExportFormat,
} from "../../pipelines/stages/export.js";
import {
  exportModel,
  MODEL_FORMATS,
  MODEL_PRECISIONS,
  type ModelFormat,
  type ModelPrecision,
} from "../../pipelines/stages/export-model.js";
import { requireOutputs } from "../unfinished-run.js";
import { defineCommand } from "../command.js";
import type { CommandIo } from "../io.js";
import { rowOutput } from "../row-output.js";
import { choice, number, textOption } from "../options.js";
import { exportRun, RUN_FORMATS } from "../run-exports.js";

export const exportCommand = defineCommand({
  name: "export",
  summary: "Write training data or a model in another format",
  description:
    "Reads a run's data sets, or a file of prompt/completion, messages, Alpaca or preference rows, and writes alpaca (one JSON array), messages, prompt-completion or dpo (JSON Lines), or parquet. All of them load in Hugging Face datasets. Parquet nests conversations, keeps whole numbers of 64 bits, and holds other lists and objects as JSON text, which TRL reads for tools. With --model it writes a checkpoint, an adapter merged into its base: safetensors, in shards where it is large, or gguf, which llama.cpp runs. Of a run's ledger it writes what reviewers said (verdicts), the pairs corrected by it (reviewed-pairs) and rows that teach the judge (reviewed-eft), as JSON Lines; and as a folder of files its tables in Parquet (tables), its training curves (tensorboard), and its models' answers to held-out prompts (inspect).",
  options: {
    run: textOption(
      "DIR",
      "Run folder whose data sets are exported; or give --data or --model",
    ),
    data: textOption("FILE", 'Data file to convert; "-" is standard input'),
    model: textOption(
      "DIR|ID",
      "Checkpoint folder, adapter folder, or Hub id (owner/name or owner/name@revision) to convert",
    ),
    dataset: textOption(
      "NAME",
      "One data set of the run, such as M1; all that fit the format when absent",
    ),
    format: choice(
      [...EXPORT_FORMATS, ...RUN_FORMATS, ...MODEL_FORMATS],
      "What to write",
      { required: true },
    ),
    precision: choice(
      MODEL_PRECISIONS,
      "Numbers of a model: f32, f16, and bf16 in safetensors or q8_0 in gguf; f32 when absent",
    ),
    shardSize: number(
      "MB",
      "Largest file of a model in safetensors, in megabytes; 5000 when absent",
      { min: 0.001 },
    ),
    out: textOption(
      "FILE",
      'Where it goes: a file, "-" for standard output, or for safetensors, tables, tensorboard and inspect a folder',
      { required: true },
    ),
  },
  examples: {
    "autodidact export --run runs/a --format dpo --out pairs.jsonl":
      "Writes the preference pairs of all rounds of a run",
    "autodidact export --run runs/a --format reviewed-pairs --out corrected.jsonl":
      "Writes the pairs as the reviewers left them, for train dpo",
    "autodidact export --run runs/a --format inspect --out logs":
      "Writes a log for each model; then: inspect view --log-dir logs",
    "autodidact export --data alpaca.json --format parquet --out data.parquet":
      "Converts an Alpaca file to Parquet",
    "autodidact export --model runs/a/models/M2 --format gguf --precision q8_0 --out m2.gguf":
      "Writes a trained model for llama.cpp, in eight bits",
  },
  afterInterrupt: "Nothing was written; run the same command again.",
  run: async (values, io) => {
    const { run, data, model, format } = values;
    const sources = [run, data, model].filter((given) => given !== undefined);
    if (sources.length !== 1) {
      throw new AutodidactError(
        "USAGE",
        `Give one of --run DIR, --data FILE and --model DIR|ID${sources.length === 0 ? "" : ", not several"}.`,
      );
    }
    const modelFormat = MODEL_FORMATS.find((each) => each === format);
    if ((model === undefined) !== (modelFormat === undefined)) {
      throw new AutodidactError(
        "USAGE",
        `${format} is a format of ${modelFormat === undefined ? "data" : "models"}. Give ${modelFormat === undefined ? "--run or --data, or --format safetensors or gguf" : "--model, or another --format"}.`,
        { format },
      );
    }
    const runFormat = RUN_FORMATS.find((each) => each === format);
    if (runFormat !== undefined) {
      const { dataset, precision, shardSize, out } = values;
      if (
        run === undefined ||
        (dataset ?? precision ?? shardSize) !== undefined
      )
        throw new AutodidactError(
          "USAGE",
          `${format} is made of a whole run. Give --run and --out, without --dataset, --precision and --shard-size.`,
          { format },
        );
      await exportRun({ run, format: runFormat, out }, io);
    } else if (model !== undefined && modelFormat !== undefined)
      await writeModel({ ...values, model, format: modelFormat }, io);
    else await writeRows({ ...values, format: format as ExportFormat }, io);
  },
});

async function writeModel(
  values: {
    readonly model: string;
    readonly format: ModelFormat;
    readonly precision?: ModelPrecision | undefined;
    readonly shardSize?: number | undefined;
    readonly out: string;
  },
  io: CommandIo,
): Promise<void> {
  const { model, format, shardSize, out } = values;
  const precision = values.precision ?? "f32";
  if (shardSize !== undefined && format === "gguf") {
    throw new AutodidactError(
      "USAGE",
      "--shard-size belongs to safetensors; a model in gguf is one file. Leave it out.",
    );
  }
  const parameters = await exportModel({
    ...{ model, format, precision, out, signal: io.signal },
    ...(shardSize === undefined ? {} : { maxShardBytes: shardSize * 1e6 }),
  });
  io.print(
    `${counted(parameters, "weight")} of ${model} as ${format} in ${precision}: ${out}`,
  );
  io.printJson({ parameters, format, precision, model, out });
}

async function writeRows(
  values: {
    readonly run?: string | undefined;
    readonly data?: string | undefined;
    readonly dataset?: string | undefined;
    readonly format: ExportFormat;
    readonly precision?: string | undefined;
    readonly shardSize?: number | undefined;
    readonly out: string;
  },
  io: CommandIo,
): Promise<void> {
  const { run, data, dataset, format, out } = values;
  if (values.precision !== undefined || values.shardSize !== undefined) {
    throw new AutodidactError(
      "USAGE",
      "--precision and --shard-size belong to --model. Leave them out.",
    );
  }
  if (run !== undefined)
    requireOutputs(run, ["dataset", "datasets", "instruct"], "data set");
  const files =
    run === undefined
      ? [await readDataFile(data as string)]
      : await readRunData(run, format, dataset);
  const inputs = files.map(({ path }) => path);
  if (format === "parquet" && out === "-") {
    throw new AutodidactError(
      "USAGE",
      "Parquet is no text and does not go to standard output. Give --out a file, or choose another --format.",
      { format },
    );
  }
  const output = await rowOutput(io, out, inputs);
  const converted = convertRows(files, format);
  const rows = converted.rows.length;
  if (output.file !== undefined) await writeConverted(converted, output.file);
  else if (format === "alpaca")
    io.print(`[\n${converted.rows.map(rowText).join(",\n")}\n]`);
  else converted.rows.forEach(output.print);
  output.summarize(
    `${counted(rows, "row")} of ${inputs.join(", ")} as ${format}: ${out}`,
  );
  io.printJson({ rows, format, inputs, out });
}
