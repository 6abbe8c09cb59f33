/**
 * @file `autodidact evaluate --suite alpaca-eval`, `mt-bench` or `arena-hard` with
 * `--model`: a model's answers in the file that the benchmark's own judges read.
 */
import { rm } from "node:fs/promises";
import { basename, resolve } from "node:path";
import {
  benchmarkNamed,
  readQuestions,
  type BenchmarkName,
} from "../evaluation/benchmarks/benchmarks.js";
import { systemClock } from "../foundation/clock.js";
import { hashOf } from "../foundation/hash.js";
import { writeJsonLines } from "../foundation/json-lines.js";
import { writeFileAtomic } from "../foundation/storage.js";
import { requireWritableFile } from "../pipelines/run/output-path.js";
import { openingOf } from "../pipelines/stages/prompt-rows.js";
import { turnsOf, turnsWork } from "../pipelines/stages/turns.js";
import { counted } from "../text/number-words.js";
import { tellIgnored } from "./ignored-settings.js";
import type { CommandIo } from "./io.js";
import { runRowStage } from "./row-stage.js";

/**
 * Asks the model greedily, turn after turn. What is done is kept in FILE.rows until the
 * file is whole.
 * @throws BAD_INPUT naming file, line and field
 */
export async function answerQuestions(
  values: {
    readonly suite: BenchmarkName;
    readonly model: string;
    readonly data: string;
    readonly out: string;
    readonly maxTokens: number | undefined;
  } & Pick<Parameters<typeof runRowStage>[1]["values"], "weights" | "device">,
  io: CommandIo,
): Promise<void> {
  const { suite, model, data, out, maxTokens } = values;
  await requireWritableFile(out, [data, model]);
  const benchmark = benchmarkNamed(suite);
  const questions = await readQuestions(data, benchmark.questions);
  const unfinished = `${out}.rows`;
  const { rows, seconds } = await runRowStage(io, {
    stage: "evaluate",
    does: `answers ${suite}`,
    items: questions.length,
    unit: "prompts",
    values: { ...values, out: unfinished },
    inputs: [data],
    work: (loaded) => {
      tellIgnored(loaded.checkpoint, io.onEvent);
      const asked = questions.map(({ row, ...place }) => {
        const { row: opening, later } = openingOf(row);
        return {
          row: { prompt: opening.prompt },
          place,
          ...(later === undefined ? {} : { later }),
        };
      });
      return turnsWork(loaded, asked, {
        ...{ maxTokens, usualMaxTokens: benchmark.maxTokens },
        ...{ n: 1, temperature: 0, topP: 1, topK: 0, stop: [] },
        ...{ seed: 0, chat: true },
      });
    },
  });
  const generator = basename(resolve(model));
  const time = systemClock.now() / 1000;
  const answered = rows.map((answer, i) => {
    const question = (questions[i] as (typeof questions)[number]).row;
    const turns = turnsOf(answer);
    const id = hashOf([generator, question.key, turns]).slice(0, 22);
    return benchmark.answered(question, { model: generator, turns, id, time });
  });
  if (benchmark.written === "lines") await writeJsonLines(out, answered);
  else await writeFileAtomic(out, `${JSON.stringify(answered, null, 2)}\n`);
  await rm(unfinished);
  io.print(`${suite}: ${counted(rows.length, "answer")}: ${out}`);
  io.printJson({
    ...{ suite, model, generator },
    ...{ answers: rows.length, seconds, out },
  });
}
