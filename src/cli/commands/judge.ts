/**
 * @file `autodidact judge`: a model scores responses.
 */
import { counted } from "../../text/number-words.js";
import { workingDevice } from "../../engine/runtime/working-device.js";
import { writeJsonLines } from "../../foundation/json-lines.js";
import { judgeRows, type JudgedRow } from "../../pipelines/stages/judge.js";
import { withLoadedModel } from "../../generation/loaded-model.js";
import { requireWritableFile } from "../../pipelines/run/output-path.js";
import { readResponseRows } from "../../pipelines/stages/prompt-rows.js";
import { defineCommand } from "../command.js";
import { DEVICE, WEIGHTS, MODEL, SEED } from "../common-options.js";
import { JUDGE_OPTIONS, judgeSettingsOf } from "../judge-options.js";
import { tokensTo, withProgress } from "../stage-progress.js";
import { text } from "../options.js";

export const judgeCommand = defineCommand({
  name: "judge",
  summary: "Let a model score responses from 0 to 5",
  description:
    "Each row {prompt, response} gains score, variance, kind (score, abstention or malformed) and judgements, one {kind, score, raw} a sample, where raw is exactly what the judge wrote. Only a score has a number: an abstention or a malformed judgement has null, never a low score. The judge's words are read, never the response's.",
  options: {
    model: MODEL,
    data: text("FILE", "JSON Lines of {prompt, response}", { required: true }),
    out: text("FILE", "Where the rows go", { required: true }),
    ...JUDGE_OPTIONS,
    seed: SEED,
    weights: WEIGHTS,
    device: DEVICE,
  },
  examples: [
    {
      line: "autodidact judge --model my-chat-model --data answers.jsonl --out judged.jsonl --reward samples",
      does: "Scores each answer by the mean of three judgements",
    },
    {
      line: 'autodidact judge --model runs/a/models/M1 --data answers.jsonl --out judged.jsonl --judge-template rate.txt --judge-answer "score : {score}"',
      does: "Judges with an instruction of your own",
    },
  ],
  run: async (values, io) => {
    const { model, data, out, weights } = values;
    const placed = await readResponseRows(data);
    const settings = await judgeSettingsOf(values, values.seed);
    await requireWritableFile(out, [data, values.judgeTemplate, model]);
    const { signal } = io;
    const device = await workingDevice(values.device);
    const { result: rows, seconds } = await withProgress(
      io,
      {
        stage: "judge",
        title: `${model} judges`,
        total: placed.length,
        unit: "responses",
      },
      (onProgress) =>
        withLoadedModel(
          { model, device, weights, signal, onTokens: tokensTo(io.onEvent) },
          (loaded) =>
            judgeRows(loaded, placed, settings, { signal, onProgress }),
        ),
    );
    await writeJsonLines(out, rows);
    const [scored, abstentions, malformed] = (
      ["score", "abstention", "malformed"] as const
    ).map((kind) => rows.filter((row) => row.kind === kind));
    const meanScore = meanOf(scored ?? []);
    io.print(
      `${counted(rows.length, "response")}: ${scored?.length} scored (mean ${meanScore?.toFixed(2) ?? "-"}), ${counted(abstentions?.length ?? 0, "abstention")}, ${malformed?.length} malformed: ${out}`,
    );
    io.printJson({
      model,
      rows: rows.length,
      scored: scored?.length,
      abstentions: abstentions?.length,
      malformed: malformed?.length,
      meanScore,
      seconds,
      out,
    });
  },
});

function meanOf(rows: readonly JudgedRow[]): number | null {
  const sum = rows.reduce((total, { score }) => total + (score ?? 0), 0);
  return rows.length === 0 ? null : sum / rows.length;
}
