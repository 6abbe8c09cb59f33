/**
 * @file `autodidact evaluate --suite alpaca-eval --preferences`: win rates of models
 * against a reference, from preferences that a judge has given.
 */
import {
  lengthControlledWinRates,
  type WinRates,
} from "../evaluation/length-control/length-control.js";
import { readPreferences } from "../evaluation/length-control/preference-rows.js";
import { count, counted, fixed } from "../text/number-words.js";
import type { CommandIo } from "./io.js";

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
  io.printJson({ suite: "alpaca-eval", models, unjudged });
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
