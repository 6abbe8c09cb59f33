/**
 * @file `autodidact eft`: judge data of answers whose order is known.
 */
import { writeEft } from "../../pipelines/stages/eft.js";
import { counted } from "../../text/number-words.js";
import { requireWritableFile } from "../../pipelines/run/output-path.js";
import { defineCommand } from "../command.js";
import { SEED } from "../common-options.js";
import { textOption } from "../options.js";

export const eftCommand = defineCommand({
  name: "eft",
  summary: "Make judge training data (EFT) of judged, ranked answers",
  description:
    "Reads what judge --reward samples made of answers whose order is known: by rank (answers.jsonl of rankings), by truth, or by correct (a verifier's verdicts on a model's own answers). Of each prompt the first sample is kept that scores a better answer above a worse one in every pair; of the commonest score some rows are dropped, so that it is as common as the next. Rows {prompt, response, score, rationale}, as data.eft of a recipe reads them; every step is counted.",
  options: {
    data: textOption("FILE", "Judged answers of known order", {
      required: true,
    }),
    out: textOption("FILE", "Where the EFT rows go", { required: true }),
    seed: SEED,
  },
  examples: {
    "autodidact eft --data judged.jsonl --out eft.jsonl":
      "After: judge --model M --reward samples --data oasst/answers.jsonl --out judged.jsonl",
  },
  run: async ({ data, out, seed }, io) => {
    await requireWritableFile(out, [data]);
    const counts = await writeEft(data, { out, seed });
    const { answers, rankings, agreeing, unread, rows, kept } = counts;
    io.print(
      `${counted(answers, "answer")}, ${counted(rankings, "ranking")}: ${agreeing} judged as ranked, ${unread} without readable scores; ${counted(rows, "row")}, ${kept} after thinning: ${out}`,
    );
    io.printJson({ ...counts, out });
  },
});
