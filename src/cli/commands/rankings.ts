/**
 * @file `autodidact rankings`: human rankings as the files that teach and measure.
 */
import { writeRankings } from "../../pipelines/stages/rankings.js";
import { counted } from "../../text/number-words.js";
import { defineCommand } from "../command.js";
import { SEED } from "../common-options.js";
import { number, textOption } from "../options.js";

export const rankingsCommand = defineCommand({
  name: "rankings",
  summary: "Make training and judge data of human rankings",
  description:
    "Reads Open Assistant's message trees (the first turn, replies by rank; deleted, badly reviewed and foreign-language ones left out), pairs {prompt, chosen, rejected}, or scored answers: {prompt, responses: [{response, score}]}, UltraFeedback's completions with overall_score, or rows {prompt, response, score or helpfulness} of which those to one prompt stand together. JSON Lines, plain or .gz. Writes into --out: ift.jsonl (the best answer of each prompt), pairs.jsonl (every pair that people told apart, for train reward and train dpo), answers.jsonl (every ranked answer, to be judged and made EFT rows by eft), and judge-test.jsonl, rankings of prompts held out, in no other file. Every row read is accounted for.",
  arguments: {
    file: {
      placeholder: "FILE",
      description: 'The rankings; "-" is standard input',
      required: true,
    },
  },
  options: {
    out: textOption("DIR", "Folder of the files, which must not be there yet", {
      required: true,
    }),
    language: textOption(
      "CODE",
      "Language of the messages taken; en when absent",
    ),
    testShare: number("F", "Share of the prompts that are held out", {
      min: 0,
      max: 1,
      default: 0.1,
    }),
    seed: SEED,
  },
  examples: {
    "autodidact rankings 2023-04-12_oasst_ready.trees.jsonl.gz --out oasst":
      "The English part of Open Assistant's conversations",
  },
  run: async ({ file, out, testShare, seed, language = "en" }, io) => {
    const counts = await writeRankings(file, {
      language,
      folder: out,
      testShare,
      seed,
      signal: io.signal,
    });
    const { read, rankings, heldOut, rows, leftOut } = counts;
    io.print(
      [
        `${counted(read, "row")} read, ${counted(rankings + heldOut, "ranking")}, ${heldOut} of them held out: ${out}`,
        ...Object.entries(rows).map(
          ([name, many]) => `  ${name}.jsonl: ${counted(many, "row")}`,
        ),
        ...Object.entries(leftOut).map(
          ([why, many]) => `  left out, ${why}: ${many}`,
        ),
      ].join("\n"),
    );
    io.printJson({ ...counts, out });
  },
});
