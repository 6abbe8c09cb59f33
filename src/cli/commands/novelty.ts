/**
 * @file `autodidact novelty`: the ROUGE-L filter alone, on plain files.
 */
import { DEFAULT_NOVELTY_THRESHOLD } from "../../novelty/novelty-index.js";
import { filterNovelty } from "../../pipelines/stages/filter-file.js";
import { defineCommand } from "../command.js";
import { rowOutput } from "../row-output.js";
import { choice, flagOption, number, textOption } from "../options.js";

export const noveltyCommand = defineCommand({
  name: "novelty",
  summary: "Keep the instructions that resemble no earlier one",
  description:
    "Takes the candidates in order. One is rejected when its ROUGE-L F-measure with a pool member is greater than the threshold; otherwise it is kept and joins the pool. Scores are those of Google's rouge_score, and the decisions those of comparing with every member. A rejected row gains its most similar pool member as nearest: {instruction, score}.",
  options: {
    pool: textOption("FILE", "JSON Lines of known instructions; may be empty", {
      required: true,
    }),
    candidates: textOption(
      "FILE",
      'JSON Lines to filter, in order; "-" is standard input',
      {
        required: true,
      },
    ),
    out: textOption("FILE", 'Where the kept rows go; "-" is standard output', {
      required: true,
    }),
    rejected: textOption(
      "FILE",
      "Where the rejected rows go, each with its nearest",
    ),
    threshold: number("F", "Reject above this ROUGE-L, from 0 to 1", {
      min: 0,
      max: 1,
      default: DEFAULT_NOVELTY_THRESHOLD,
    }),
    field: textOption("NAME", "The field that holds the text", {
      default: "instruction",
    }),
    tokenizer: choice(
      ["rouge", "unicode"],
      "Words compared: rouge, ASCII as rouge_score; unicode, any script, Chinese by character",
      { default: "rouge" },
    ),
    nearest: flagOption("Give kept rows their nearest too; slower"),
  },
  examples: {
    "autodidact novelty --pool seeds.jsonl --candidates new.jsonl --out kept.jsonl --rejected rejected.jsonl":
      "Filters new.jsonl against the seeds and itself",
    "autodidact novelty --pool zh.jsonl --candidates new.jsonl --out kept.jsonl --tokenizer unicode":
      "The same for Chinese instructions",
  },
  run: async (values, io) => {
    const started = performance.now();
    const stage = "novelty";
    const title = "Novelty filter";
    io.onEvent({ type: "stage-start", stage, title });
    const { pool, candidates } = values;
    const output = await rowOutput(io, values.out, [pool, candidates]);
    const summary = await filterNovelty({
      ...values,
      out: output.file,
      onKept: output.file === undefined ? output.print : undefined,
      signal: io.signal,
      onTokenless: ({ tokenless, candidates }) => {
        io.onEvent({
          type: "warning",
          code: "no-tokens",
          message: tokenlessWarning({ ...values, tokenless, candidates }),
        });
      },
      onProgress: ({ done, total }) => {
        io.onEvent({
          type: "stage-progress",
          stage,
          done,
          total,
          unit: "lines",
        });
      },
    });
    const seconds = (performance.now() - started) / 1000;
    const counts = {
      requested: summary.candidates,
      accepted: summary.kept,
      rejected: summary.rejected,
      failed: 0,
      pending: 0,
    };
    io.onEvent({ type: "stage-end", stage, title, counts, seconds });
    output.summarize(
      `${summary.kept} of ${summary.candidates} kept, ${summary.rejected} rejected; pool ${summary.pool} + ${summary.kept}`,
    );
    io.printJson({ ...summary, seconds });
  },
});

function tokenlessWarning(found: {
  readonly tokenless: number;
  readonly candidates: number;
  readonly tokenizer: "rouge" | "unicode";
  readonly field: string;
}): string {
  const { tokenless, candidates, tokenizer, field } = found;
  const [what, remedy] =
    tokenizer === "rouge"
      ? [
          "none of the ASCII letters and digits that the rouge tokenizer compares",
          "Give --tokenizer unicode for Chinese and other scripts.",
        ]
      : ["no letter or digit", `See whether “${field}” is the right --field.`];
  return `${tokenless} of ${candidates} candidates have ${what}, so they score 0 with everything and are kept. ${remedy}`;
}
