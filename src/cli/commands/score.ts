/**
 * @file `autodidact score`: how likely a model finds given completions.
 */
import { counted } from "../../text/number-words.js";
import { workingDevice } from "../../engine/runtime/working-device.js";
import { writeJsonLines } from "../../foundation/json-lines.js";
import { withLoadedModel } from "../../generation/loaded-model.js";
import { requireWritableFile } from "../../pipelines/run/output-path.js";
import { readCompletionRows } from "../../pipelines/stages/prompt-rows.js";
import { scoreRows } from "../../pipelines/stages/score.js";
import { defineCommand } from "../command.js";
import { DEVICE, WEIGHTS, MODEL } from "../common-options.js";
import { tokensTo, withProgress } from "../stage-progress.js";
import { text } from "../options.js";

export const scoreCommand = defineCommand({
  name: "score",
  summary: "Give completions their log-probability under a model",
  description:
    "Each row {prompt, completion} gains logprob, the sum over the completion's tokens in natural logarithms, and tokens, how many those are. Text rows are scored as plain text with the end-of-sequence token after the completion; lists of messages go through the chat template.",
  options: {
    model: MODEL,
    data: text("FILE", "JSON Lines of {prompt, completion}", {
      required: true,
    }),
    out: text("FILE", "Where the rows go", { required: true }),
    weights: WEIGHTS,
    device: DEVICE,
  },
  examples: [
    {
      line: "autodidact score --model nursery/m0 --data completions.jsonl --out scored.jsonl",
      does: "Writes the rows with logprob and tokens",
    },
  ],
  run: async ({ model, data, out, weights, device }, io) => {
    const placed = await readCompletionRows(data);
    await requireWritableFile(out, [data, model]);
    const { signal } = io;
    const opened = await workingDevice(device);
    const { result: rows, seconds } = await withProgress(
      io,
      {
        stage: "score",
        title: `${model} scores`,
        total: placed.length,
        unit: "rows",
      },
      (onProgress) =>
        withLoadedModel(
          {
            model,
            device: opened,
            weights,
            signal,
            onTokens: tokensTo(io.onEvent),
          },
          (loaded) => scoreRows(loaded, placed, { signal, onProgress }),
        ),
    );
    await writeJsonLines(out, rows);
    const tokens = rows.reduce((sum, row) => sum + row.tokens, 0);
    const logprob = rows.reduce((sum, row) => sum + row.logprob, 0);
    const perplexity = tokens === 0 ? null : Math.exp(-logprob / tokens);
    io.print(
      `${counted(rows.length, "row")}, ${counted(tokens, "completion token")}, perplexity ${perplexity?.toPrecision(5) ?? "-"}: ${out}`,
    );
    io.printJson({
      model,
      rows: rows.length,
      tokens,
      logprob,
      perplexity,
      seconds,
      out,
    });
  },
});
