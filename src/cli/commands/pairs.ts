/**
 * @file `autodidact pairs`: judged responses → preference pairs.
 */
import { counted } from "../../text/number-words.js";
import { writeJsonLines } from "../../foundation/json-lines.js";
import { requireWritableFile } from "../../pipelines/run/output-path.js";
import { pairRows } from "../../pipelines/stages/pairs.js";
import { readScoredRows } from "../../pipelines/stages/prompt-rows.js";
import { defineCommand } from "../command.js";
import { rowOutput } from "../row-output.js";
import { flagOption, number, textOption } from "../options.js";

const RULES = {
  tie: "ties",
  "small-margin": "margins too small",
  "too-few-scored": "with fewer than two scored responses",
  unfinished: "with no finished response",
} as const;

export const pairsCommand = defineCommand({
  name: "pairs",
  summary: "Set the best response to each prompt against the worst",
  description:
    "Of the responses to one prompt, wherever they stand in the file, the one with the highest score is chosen and the one with the lowest is rejected. Rows without a score take no part, identical responses are merged, and every prompt that gives no pair is counted under the rule that stopped it. Other fields come along: as they are where all responses to the prompt agree, else as chosen_NAME and rejected_NAME.",
  options: {
    data: textOption(
      "FILE",
      'JSON Lines of {prompt, response, score, finished?}; "-" is standard input',
      {
        required: true,
      },
    ),
    out: textOption(
      "FILE",
      'Where the pairs go: {prompt, chosen, rejected, chosen_score, rejected_score}; "-" is standard output',
      { required: true },
    ),
    dropped: textOption(
      "FILE",
      "Where the prompts without a pair go: {prompt, rule}",
    ),
    minMargin: number("S", "A pair needs a score difference above this", {
      min: 0,
      default: 0,
    }),
    finishedOnly: flagOption("Let a response that was cut off be chosen too", {
      default: true,
    }),
  },
  examples: {
    "autodidact pairs --data judged.jsonl --out pairs.jsonl --min-margin 1":
      "Writes preference pairs for train dpo, more than one point apart",
  },
  run: async (values, io) => {
    const { data, out } = values;
    const placed = await readScoredRows(data);
    const output = await rowOutput(io, out, [data]);
    if (values.dropped !== undefined)
      await requireWritableFile(values.dropped, [data, out]);
    const { pairs, dropped, merged } = pairRows(
      placed.map(({ row }) => row),
      values,
    );
    if (output.file === undefined) pairs.forEach(output.print);
    else await writeJsonLines(output.file, pairs);
    if (values.dropped !== undefined)
      await writeJsonLines(values.dropped, dropped);
    const prompts = pairs.length + dropped.length;
    const count = (rule: keyof typeof RULES): number =>
      dropped.filter((row) => row.rule === rule).length;
    const reasons = (Object.keys(RULES) as (keyof typeof RULES)[])
      .filter((rule) => count(rule) > 0)
      .map((rule) => `${count(rule)} ${RULES[rule]}`);
    output.summarize(
      `${counted(pairs.length, "pair")} of ${counted(prompts, "prompt")}${reasons.length === 0 ? "" : `; dropped: ${reasons.join(", ")}`}; ${counted(merged, "identical response")} merged: ${out}`,
    );
    io.printJson({
      responses: placed.length,
      merged,
      prompts,
      pairs: pairs.length,
      dropped: Object.fromEntries(
        (Object.keys(RULES) as (keyof typeof RULES)[]).map((rule) => [
          rule,
          count(rule),
        ]),
      ),
      out,
    });
  },
});
