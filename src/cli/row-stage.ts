/**
 * @file A model at work on rows: `generate`, `judge` and `score` alike. Rows go to a
 * file that keeps what is done, with "-" to standard output as they are made, or
 * nowhere.
 */
import type { AnswerJournal } from "../answers/answer-journal.js";
import { journaledModel } from "../answers/journaled.js";
import { workingDevice } from "../engine/runtime/working-device.js";
import type { Device, DeviceName } from "../engine/runtime/device.js";
import { defined } from "../foundation/defined.js";
import {
  withLoadedModel,
  type ModelSource,
  type OpenedModel,
} from "../generation/loaded-model.js";
import {
  journalBeside,
  workRows,
  writeRows,
  type RowWork,
} from "../pipelines/stages/resumable-rows.js";
import { count, counted } from "../text/number-words.js";
import type { CommandIo } from "./io.js";
import { rowOutput } from "./row-output.js";
import { tokensOfChunks, withProgress } from "./stage-progress.js";

/** Opens what does the work, gives the work to `use` and closes it again. */
export type OpenWork<T> = <R>(
  source: {
    readonly device: () => Promise<Device>;
    readonly signal: AbortSignal;
    readonly onTokens: NonNullable<ModelSource["onTokens"]>;
    /** Keeps what a model in this process answers; null where rows go to no file. */
    readonly journal: AnswerJournal | null;
  },
  use: (work: RowWork<T>) => Promise<R>,
) => Promise<R>;

interface RowsToMake<T> {
  /** Name of the command. */
  readonly stage: string;
  /** Who works and what it does: "my-model answers". */
  readonly title: string;
  readonly items: number;
  readonly unit: string;
  readonly out: string | undefined;
  readonly device: DeviceName | "auto";
  /** Files that are read, which the rows must not replace. */
  readonly inputs: readonly (string | undefined)[];
  readonly open: OpenWork<T>;
}

interface RowStage<T> extends Omit<
  RowsToMake<T>,
  "title" | "out" | "device" | "open"
> {
  /** What the model does: "answers". */
  readonly does: string;
  /** As the options of the command say. */
  readonly values: {
    readonly model: string;
    readonly out: string | undefined;
    readonly device: DeviceName | "auto";
    readonly weights: NonNullable<ModelSource["weights"]>;
  };
  readonly work: (loaded: OpenedModel) => Promise<RowWork<T>>;
}

export interface StageRows<T> {
  readonly rows: readonly T[];
  readonly seconds: number;
  /** Prints the summary, aside where rows have standard output. */
  readonly summarize: (text: string) => void;
}

/** The same with a checkpoint as the worker. @throws USAGE, and as the stage does */
export function runRowStage<T>(
  io: CommandIo,
  { values, does, work, ...stage }: RowStage<T>,
): Promise<StageRows<T>> {
  const { model, out, weights, device } = values;
  return makeRows(io, {
    ...stage,
    ...{ out, device },
    title: `${model} ${does}`,
    inputs: [...stage.inputs, model],
    open: async ({ device: opened, journal, ...source }, use) =>
      withLoadedModel(
        { model, weights, device: await opened(), ...source },
        async ({ languageModel, checkpoint }) => {
          const journaled = journaledModel(languageModel, journal);
          return use(await work({ languageModel: journaled, checkpoint }));
        },
      ),
  });
}

/** All rows of a stage, written where `--out` says. @throws USAGE, and as the work does */
export async function makeRows<T>(
  io: CommandIo,
  { stage, title, items, unit, out, inputs, open, ...asked }: RowsToMake<T>,
): Promise<StageRows<T>> {
  const { signal } = io;
  const output =
    out === undefined ? undefined : await rowOutput(io, out, inputs);
  const device = () => workingDevice(asked.device);
  const journal =
    output?.file === undefined ? null : journalBeside(output.file);
  const { result: rows, seconds } = await withProgress(
    io,
    { stage, title, total: items, unit },
    (onProgress) => {
      const { begin, onTokens } = tokensOfChunks(items, io.onEvent);
      return open({ device, signal, onTokens, journal }, (made) => {
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
          ...defined({ journal: journal ?? undefined }),
          onFound: (found, answers) => {
            const more =
              answers === 0 ? "" : `, and ${counted(answers, "answer")} more`;
            io.remark(
              `Going on: ${count(found)} of ${count(items)} ${unit} were there${more}.`,
            );
          },
        });
      });
    },
  );
  return { rows, seconds, summarize: output?.summarize ?? io.print };
}
