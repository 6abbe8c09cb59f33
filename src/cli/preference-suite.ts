/**
 * @file `autodidact evaluate --suite alpaca-eval`: a model's answers in the file that
 * judges of AlpacaEval read, and win rates of models against a reference, from
 * preferences that a judge has given.
 */
import { rm } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { writeFileAtomic } from "../foundation/storage.js";
import { requireWritableFile } from "../pipelines/run/output-path.js";
import { generationWork } from "../pipelines/stages/generate.js";
import { tellIgnored } from "./ignored-settings.js";
import { runRowStage } from "./row-stage.js";
import {
  lengthControlledWinRates,
  type WinRates,
} from "../evaluation/length-control/length-control.js";
import { readInstructions } from "../evaluation/length-control/instruction-file.js";
import { readPreferences } from "../evaluation/length-control/preference-rows.js";
import { count, counted, fixed } from "../text/number-words.js";
import type { CommandIo } from "./io.js";

export const ALPACA_EVAL = "alpaca-eval";

/** Below this many models a prompt's difficulty rests on few preferences. */
const FEW_MODELS = 5;

/** @throws BAD_INPUT naming file, line and field */
export async function evaluatePreferences(
  paths: readonly string[],
  io: CommandIo,
): Promise<void> {
  const { preferences, unjudged } = await readPreferences(paths);
  const models = lengthControlledWinRates(preferences);
  if (unjudged > 0)
    io.remark(
      `${counted(unjudged, "row has", "rows have")} no preference and ${unjudged === 1 ? "is" : "are"} not counted.`,
    );
  if (models.length < FEW_MODELS)
    io.remark(
      `How hard each prompt is was fitted from ${counted(models.length, "model")}; give the preferences of more models beside for a steadier length-controlled rate.`,
    );
  for (const { model, separated } of models)
    if (separated)
      io.remark(
        `${model}: length and difficulty tell every preference without error, so the length-controlled rate rests on what is known of other models.`,
      );
  io.print(shown(models));
  io.printJson({ suite: ALPACA_EVAL, models, unjudged });
}

/** Of an answer, as AlpacaEval asks models. */
const MAX_TOKENS = 2048;

/**
 * Asks the model greedily and writes {instruction, output, generator, dataset}, one JSON
 * array. What is done is kept in FILE.rows until the array is whole.
 * @throws BAD_INPUT naming file, line and field
 */
export async function answerInstructions(
  values: {
    readonly model: string;
    readonly data: string;
    readonly out: string;
    readonly maxTokens: number | undefined;
  } & Pick<Parameters<typeof runRowStage>[1]["values"], "weights" | "device">,
  io: CommandIo,
): Promise<void> {
  const { model, data, out, maxTokens } = values;
  await requireWritableFile(out, [data, model]);
  const placed = await readInstructions(data);
  const asked = placed.map(({ row, ...place }) => ({
    row: { prompt: row.instruction },
    place,
  }));
  const unfinished = `${out}.rows`;
  const { rows, seconds } = await runRowStage(io, {
    stage: "evaluate",
    does: `answers ${ALPACA_EVAL}`,
    items: asked.length,
    unit: "prompts",
    values: { ...values, out: unfinished },
    inputs: [data],
    work: (loaded) => {
      tellIgnored(loaded.checkpoint, io.onEvent);
      return generationWork(loaded, asked, {
        ...{ maxTokens, usualMaxTokens: MAX_TOKENS, n: 1, temperature: 0 },
        ...{ topP: 1, topK: 0, stop: [], seed: 0, chat: true },
      });
    },
  });
  const generator = basename(resolve(model));
  const outputs = rows.map(({ response }, i) => ({
    instruction: placed[i]?.row.instruction,
    output: response,
    generator,
    dataset: placed[i]?.row.dataset ?? "",
  }));
  await writeFileAtomic(out, `${JSON.stringify(outputs, null, 2)}\n`);
  await rm(unfinished);
  io.print(`${ALPACA_EVAL}: ${counted(rows.length, "answer")}: ${out}`);
  io.printJson({
    ...{ suite: ALPACA_EVAL, model, generator },
    ...{ answers: rows.length, seconds, out },
  });
}

/** Best first, one line a model; names at the end, where they may be long. */
function shown(models: readonly WinRates[]): string {
  const header =
    "win rate  ± error  at equal lengths  characters  prompts  model";
  const rows = models
    .toSorted((a, b) => b.lengthControlledWinRate - a.lengthControlledWinRate)
    .map((one) =>
      [
        `${fixed(one.winRate, 1)} %`.padStart(8),
        (one.standardError === null
          ? "-"
          : fixed(one.standardError, 1)
        ).padStart(7),
        `${fixed(one.lengthControlledWinRate, 1)} %`.padStart(16),
        count(one.averageLength).padStart(10),
        count(one.prompts).padStart(7),
        one.model,
      ].join("  "),
    );
  return [header, ...rows].join("\n");
}
