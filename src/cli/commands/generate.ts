/**
 * @file `autodidact generate`: answers of a model to prompts.
 */
import { counted } from "../../text/number-words.js";
import { AutodidactError } from "../../foundation/error.js";
import type { AskedPrompt } from "../../pipelines/stages/generate.js";
import { turnsWork } from "../../pipelines/stages/turns.js";
import {
  shownPrompt,
  readOpenings,
  type GeneratedRow,
} from "../../pipelines/stages/prompt-rows.js";
import { defineCommand } from "../command.js";
import {
  DEVICE,
  WEIGHTS,
  MODEL,
  SEED,
  TEMPERATURE,
  TOP_P,
} from "../common-options.js";
import { tellIgnored } from "../ignored-settings.js";
import { runRowStage } from "../row-stage.js";
import { flagOption, integerOption, list, textOption } from "../options.js";

export const generateCommand = defineCommand({
  name: "generate",
  summary: "Let a model answer prompts",
  description:
    "Answers one prompt, or each row of a file. With --out the rows gain response, finished, tokens and, where the model tells, logprob; they can go on to the judge and pairs commands; what is done is kept, and the same command goes on with it. A further turn of a question is asked after the answer to the one before; the row then has the whole conversation as its prompt. The same prompt, settings and seed always give the same answers, whatever else is in the file.",
  options: {
    model: MODEL,
    prompt: textOption("TEXT", "The prompt; or give --prompts"),
    prompts: textOption(
      "FILE",
      'JSON Lines of {prompt}, each text or a list of messages, or the questions of AlpacaEval, MT-Bench or Arena-Hard; "-" for standard input; or give --prompt',
    ),
    n: integerOption("N", "Answers to each prompt", { min: 1, default: 1 }),
    maxTokens: integerOption(
      "N",
      "Most tokens of an answer; 256 or what the model has room for when absent",
      { min: 1 },
    ),
    temperature: TEMPERATURE,
    topP: TOP_P,
    topK: integerOption("K", "Only the K likeliest tokens; 0 switches it off", {
      min: 0,
      default: 0,
    }),
    stop: list("TEXT", "End an answer before this text; may be repeated"),
    seed: SEED,
    chat: flagOption("Put text prompts through the model's chat template"),
    out: textOption(
      "FILE",
      'Write JSON Lines here instead of printing the answers; "-" is standard output',
    ),
    weights: WEIGHTS,
    device: DEVICE,
  },
  examples: {
    'autodidact generate --model nursery/m0 --prompt "the opposite of big is" --temperature 0':
      "Continues a text greedily with the nursery's base model",
    "autodidact generate --model runs/a/models/M3 --prompts prompts.jsonl --chat --n 4 --out answers.jsonl":
      "Writes four sampled answers to each prompt, ready for the judge",
  },
  run: async (values, io) => {
    const { model, out, device, weights, ...settings } = values;
    const asked = await readPrompts(values);
    const { rows, seconds, summarize } = await runRowStage(io, {
      stage: "generate",
      does: "answers",
      items: asked.length,
      unit: "prompts",
      values: { model, out, device, weights },
      inputs: [values.prompts],
      work: (loaded) => {
        tellIgnored(loaded.checkpoint, io.onEvent);
        return turnsWork(loaded, asked, settings);
      },
    });
    const tokens = rows.reduce((sum, row) => sum + row.tokens, 0);
    if (out === undefined) {
      io.print(rows.map((row, i) => shown(row, i, rows.length)).join("\n"));
      io.printJson({ model, tokens, seconds, rows });
      return;
    }
    summarize(
      `${counted(rows.length, "answer")} to ${counted(asked.length, "prompt")}, ${counted(tokens, "token")}: ${out}`,
    );
    io.printJson({
      model,
      prompts: asked.length,
      answers: rows.length,
      tokens,
      seconds,
      out,
    });
  },
});

async function readPrompts(given: {
  readonly prompt: string | undefined;
  readonly prompts: string | undefined;
}): Promise<readonly AskedPrompt[]> {
  const { prompt, prompts } = given;
  if ((prompt === undefined) === (prompts === undefined)) {
    throw new AutodidactError(
      "USAGE",
      `Give either --prompt TEXT or --prompts FILE${prompt === undefined ? "" : ", not both"}.`,
    );
  }
  if (prompt !== undefined) return [{ row: { prompt }, place: null }];
  const placed = await readOpenings(prompts as string);
  return placed.map(({ row, ...place }) => ({ ...row, place }));
}

/** One answer alone is printed as it is; several each have their prompt before them. */
function shown(row: GeneratedRow, index: number, count: number): string {
  if (count === 1) return row.response;
  const gap = index === 0 ? "" : "\n";
  return `${gap}> ${shownPrompt(row.prompt)}\n${row.response}`;
}
