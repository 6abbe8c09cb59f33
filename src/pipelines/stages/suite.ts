/**
 * @file A model at work on a suite: each task asked as one user message, greedily, its
 * answer graded as it comes.
 */
import type { OpenSuite } from "../../evaluation/suites/suite.js";
import type { OpenedModel } from "../../generation/loaded-model.js";
import { generationWork } from "./generate.js";
import type { GeneratedRow } from "./prompt-rows.js";
import { rowsIdentity, type RowWork } from "./resumable-rows.js";

export interface SuiteSettings {
  /** Name of the suite. */
  readonly suite: string;
  /** Of an answer; `usualMaxTokens`, or what the model has room for, when undefined. */
  readonly maxTokens: number | undefined;
  readonly usualMaxTokens: number;
}

/**
 * A row for each task, in order: the fields of its file, its prompt, the answer and
 * its grade.
 * @throws BAD_INPUT for a prompt that does not fit; BAD_CHECKPOINT without a chat template
 */
export async function suiteWork(
  loaded: OpenedModel,
  { tasks, grade }: OpenSuite,
  { suite, ...tokens }: SuiteSettings,
): Promise<RowWork<GeneratedRow>> {
  const asked = tasks.map(({ prompt, place }) => ({ row: { prompt }, place }));
  const work = await generationWork(loaded, asked, {
    ...tokens,
    n: 1,
    temperature: 0,
    topP: 1,
    topK: 0,
    stop: [],
    seed: 0,
    chat: true,
  });
  return {
    ...work,
    identity: rowsIdentity(
      { stage: "evaluate", model: work.identity, settings: { suite } },
      tasks.map(({ row }) => row),
    ),
    rows: async (start, end, options) => {
      const rows = await work.rows(start, end, options);
      const { fields } = grade(
        rows.map(({ response }, i) => ({ task: start + i, response })),
      );
      return rows.map((row, i) => ({
        ...tasks[start + i]?.row,
        ...row,
        prompt: tasks[start + i]?.prompt ?? row.prompt,
        ...fields[i],
      }));
    },
  };
}
