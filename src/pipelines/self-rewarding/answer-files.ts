/**
 * @file What each model answered to the held-out prompts, as files that `compare` sets
 * against each other, over models, arms and seeds.
 */
import { join } from "node:path";
import type { MeasuredAnswer } from "../../evaluation/measurement.js";
import { writeJsonLines } from "../../foundation/json-lines.js";
import type { MeasuredModel } from "./measured-model.js";
import type { RunContext } from "./run-context.js";

/** `answers/M1.jsonl` is greedy, `answers/M1-sampled.jsonl` sampled. */
export async function writeAnswers(
  { folder, data, verifier }: RunContext,
  { model, measurement }: MeasuredModel,
): Promise<void> {
  const rows = (answers: readonly (readonly MeasuredAnswer[])[]) =>
    answers.flatMap((samples, i) =>
      samples.map(({ text: response, tokens, finished }) => {
        const row = data.heldOut[i] ?? { prompt: "" };
        const verdict = verifier?.verify(row, response, finished) ?? {};
        return { ...row, response, tokens, finished, ...verdict };
      }),
    );
  const place = join(folder, "answers", model.id);
  const { greedy, sampled } = measurement;
  await writeJsonLines(`${place}.jsonl`, rows(greedy.map((one) => [one])));
  if (sampled.length > 0)
    await writeJsonLines(`${place}-sampled.jsonl`, rows(sampled));
}
