/**
 * @file `autodidact score`: how likely a model finds given completions.
 */
import { counted } from "../../text/number-words.js";
import { readCompletionRows } from "../../pipelines/stages/prompt-rows.js";
import { scoringWork } from "../../pipelines/stages/score.js";
import { defineCommand } from "../command.js";
import { DEVICE, WEIGHTS, MODEL } from "../common-options.js";
import { runRowStage } from "../row-stage.js";
import { textOption } from "../options.js";

export const scoreCommand = defineCommand({
  name: "score",
  summary: "Give completions their log-probability under a model",
  description:
    "Each row {prompt, completion} gains logprob, the sum over the completion's tokens in natural logarithms, and tokens, how many those are. Text rows are scored as plain text with the end-of-sequence token after the completion; lists of messages go through the chat template. What is done is kept, and the same command goes on with it.",
  options: {
    model: MODEL,
    data: textOption(
      "FILE",
      'JSON Lines of {prompt, completion}; "-" is standard input',
      {
        required: true,
      },
    ),
    out: textOption("FILE", 'Where the rows go; "-" is standard output', {
      required: true,
    }),
    weights: WEIGHTS,
    device: DEVICE,
  },
  examples: {
    "autodidact score --model nursery/m0 --data completions.jsonl --out scored.jsonl":
      "Writes the rows with logprob and tokens",
  },
  run: async ({ model, data, out, weights, device }, io) => {
    const placed = await readCompletionRows(data);
    const { rows, seconds, summarize } = await runRowStage(io, {
      stage: "score",
      does: "scores",
      items: placed.length,
      unit: "rows",
      values: { model, out, device, weights },
      inputs: [data],
      work: (loaded) => scoringWork(loaded, placed),
    });
    const tokens = rows.reduce((sum, row) => sum + row.tokens, 0);
    const logprob = rows.reduce((sum, row) => sum + row.logprob, 0);
    const perplexity = tokens === 0 ? null : Math.exp(-logprob / tokens);
    summarize(
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
