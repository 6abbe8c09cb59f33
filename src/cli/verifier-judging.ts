/**
 * @file `autodidact judge --verifier`: scores by a program that knows what is right.
 */
import {
  verifierNamed,
  type VerifierName,
} from "../evaluation/verifiers/verifiers.js";
import { AutodidactError } from "../foundation/error.js";
import { writeJsonLines } from "../foundation/json-lines.js";
import { mean } from "../foundation/statistics.js";
import { readResponseRows } from "../pipelines/stages/prompt-rows.js";
import { verifiedRows } from "../pipelines/stages/verify.js";
import { counted } from "../text/number-words.js";
import type { CommandIo } from "./io.js";
import { rowOutput } from "./row-output.js";

/** @throws BAD_INPUT when the verifier finds nothing to check in any row */
export async function judgeByVerifier(
  {
    verifier: name,
    data,
    out,
  }: {
    readonly verifier: VerifierName;
    readonly data: string;
    readonly out: string;
  },
  io: CommandIo,
): Promise<void> {
  const verifier = verifierNamed(name);
  if (verifier === null) return;
  const output = await rowOutput(io, out, [data]);
  const placed = await readResponseRows(data);
  const rows = verifiedRows(
    placed.map(({ row }) => row),
    verifier,
  );
  const scores = rows.flatMap(({ score }) => (score === null ? [] : [score]));
  if (scores.length === 0)
    throw new AutodidactError(
      "BAD_INPUT",
      `The verifier “${name}” finds nothing to check in any row of ${data}. docs/verifiers.md names the fields that it reads.`,
      { path: data },
    );
  if (output.file === undefined) rows.forEach(output.print);
  else await writeJsonLines(output.file, rows);
  const abstentions = rows.length - scores.length;
  const meanScore = mean(scores);
  output.summarize(
    `${counted(rows.length, "response")}: ${scores.length} scored (mean ${meanScore?.toFixed(2) ?? "-"}), ${counted(abstentions, "abstention")}: ${out}`,
  );
  io.printJson({
    verifier: name,
    rows: rows.length,
    scored: scores.length,
    abstentions,
    meanScore,
    out,
  });
}
