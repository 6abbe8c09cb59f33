/**
 * @file `autodidact evaluate --suite`: answers of a file, or of a model that is asked
 * first, graded as a published suite grades them.
 */
import type { DeviceName } from "../engine/runtime/device.js";
import { readAnswers } from "../evaluation/suites/answers.js";
import type { SuiteFigures } from "../evaluation/suites/suite.js";
import { suiteNamed, type SuiteName } from "../evaluation/suites/suites.js";
import { writeJsonLines } from "../foundation/json-lines.js";
import { requireWritableFile } from "../pipelines/run/output-path.js";
import { suiteWork } from "../pipelines/stages/suite.js";
import { counted } from "../text/number-words.js";
import type { CommandIo } from "./io.js";
import { runRowStage } from "./row-stage.js";
import { tellIgnored } from "./ignored-settings.js";

interface SuiteValues {
  readonly suite: SuiteName;
  readonly data: string;
  readonly out: string | undefined;
  readonly maxTokens: number | undefined;
  readonly device: DeviceName | "auto";
  readonly weights: "float32" | "int8";
}

/** Grades the answers in `responses`. @throws BAD_INPUT naming file, line and field */
export async function gradeResponses(
  values: SuiteValues & { readonly responses: string },
  io: CommandIo,
): Promise<void> {
  const { data, responses, out } = values;
  if (out !== undefined) await requireWritableFile(out, [data, responses]);
  const suite = await suiteNamed(values.suite).open(data);
  const { rows, answers, unanswered } = await readAnswers(responses, suite);
  const grading = suite.grade(answers);
  if (out !== undefined)
    await writeJsonLines(
      out,
      rows.map((row, i) => ({ ...row, ...grading.fields[i] })),
    );
  tell(values, io, { ...grading, answers: rows.length, unanswered });
}

/** Asks the model and grades what it says; what is done is kept in `out`. */
export async function gradeModel(
  values: SuiteValues & { readonly model: string },
  io: CommandIo,
): Promise<void> {
  const { data, maxTokens } = values;
  const { maxTokens: usualMaxTokens, open } = suiteNamed(values.suite);
  const suite = await open(data);
  const { rows, seconds, summarize } = await runRowStage(io, {
    stage: "evaluate",
    does: `answers ${values.suite}`,
    items: suite.tasks.length,
    unit: "prompts",
    values,
    inputs: [data],
    work: (loaded) => {
      tellIgnored(loaded.checkpoint, io.onEvent);
      return suiteWork(loaded, suite, {
        suite: values.suite,
        maxTokens,
        usualMaxTokens,
      });
    },
  });
  const grading = suite.grade(
    rows.map(({ response }, task) => ({ task, response })),
  );
  const cut = rows.filter(({ finished }) => !finished).length;
  tell(
    values,
    { ...io, print: summarize },
    {
      ...grading,
      answers: rows.length,
      unanswered: 0,
      cut,
      seconds,
    },
  );
}

function tell(
  { suite, out, ...values }: SuiteValues & { readonly model?: string },
  io: CommandIo,
  found: SuiteFigures & {
    readonly answers: number;
    readonly unanswered: number;
    /** Answers that ended at the token limit. */
    readonly cut?: number;
    readonly seconds?: number;
  },
): void {
  const { figures, lines, answers, unanswered, cut, seconds } = found;
  if (unanswered > 0)
    io.remark(
      `${counted(unanswered, "prompt has", "prompts have")} no answer and ${unanswered === 1 ? "is" : "are"} not counted.`,
    );
  io.print(
    [
      `${suite}: ${counted(answers, "answer")}${cut === undefined || cut === 0 ? "" : `, ${cut} cut at the token limit`}${out === undefined ? "" : `: ${out}`}`,
      ...lines,
    ].join("\n"),
  );
  io.printJson({
    suite,
    model: values.model,
    answers,
    unanswered,
    cut,
    ...figures,
    seconds,
    out,
  });
}
