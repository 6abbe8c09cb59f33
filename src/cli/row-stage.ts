/**
 * @file A model at work on rows: `generate`, `judge` and `score` alike. Rows go to a
 * file that keeps what is done, with "-" to standard output as they are made, or
 * nowhere.
 */
import { workingDevice } from "../engine/runtime/working-device.js";
import type { DeviceName } from "../engine/runtime/device.js";
import {
  withLoadedModel,
  type LoadedModel,
  type ModelSource,
} from "../generation/loaded-model.js";
import {
  workRows,
  writeRows,
  type RowWork,
} from "../pipelines/stages/resumable-rows.js";
import { count } from "../text/number-words.js";
import type { CommandIo } from "./io.js";
import { rowOutput } from "./row-output.js";
import { tokensOfChunks, withProgress } from "./stage-progress.js";

interface RowStage<T> {
  /** Name of the command. */
  readonly stage: string;
  /** What the model does: "answers". */
  readonly does: string;
  readonly items: number;
  readonly unit: string;
  /** As the options of the command say. */
  readonly values: {
    readonly model: string;
    readonly out: string | undefined;
    readonly device: DeviceName | "auto";
    readonly weights: NonNullable<ModelSource["weights"]>;
  };
  /** Files that are read, which the rows must not replace. */
  readonly inputs: readonly (string | undefined)[];
  readonly work: (loaded: LoadedModel) => Promise<RowWork<T>>;
}

export interface StageRows<T> {
  readonly rows: readonly T[];
  readonly seconds: number;
  /** Prints the summary, aside where rows have standard output. */
  readonly summarize: (text: string) => void;
}

/** All rows of a stage, written where `--out` says. @throws USAGE, and as the stage does */
export async function runRowStage<T>(
  io: CommandIo,
  stage: RowStage<T>,
): Promise<StageRows<T>> {
  const { items, unit, values, inputs } = stage;
  const { model, out, weights } = values;
  const { signal } = io;
  const output =
    out === undefined
      ? undefined
      : await rowOutput(io, out, [...inputs, model]);
  const device = await workingDevice(values.device);
  const { result: rows, seconds } = await withProgress(
    io,
    {
      stage: stage.stage,
      title: `${model} ${stage.does}`,
      total: items,
      unit,
    },
    (onProgress) => {
      const { begin, onTokens } = tokensOfChunks(items, io.onEvent);
      const source = { model, device, weights, signal, onTokens };
      return withLoadedModel(source, async (loaded) => {
        const made = await stage.work(loaded);
        const work: RowWork<T> = {
          ...made,
          rows: (start, end, options) => {
            begin(start, end);
            return made.rows(start, end, options);
          },
        };
        const options = { signal, onProgress };
        if (output === undefined) return workRows(work, options);
        if (output.file === undefined)
          return workRows(work, options, (chunk) => {
            chunk.forEach(output.print);
          });
        return writeRows(output.file, work, {
          ...options,
          onFound: (found) => {
            io.remark(
              `Going on: ${count(found)} of ${count(items)} ${unit} were there.`,
            );
          },
        });
      });
    },
  );
  return { rows, seconds, summarize: output?.summarize ?? io.print };
}
