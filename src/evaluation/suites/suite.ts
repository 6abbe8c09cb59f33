/**
 * @file What a suite is: prompts of a published benchmark with what it takes to grade
 * answers to them, in that benchmark's own files and under its own names.
 */
import { rowError, type RowPlace } from "../../data/formats/field-errors.js";
import type { PlacedRow } from "../../data/formats/rows.js";

/** What every suite knows of a prompt. */
export interface SuiteTask {
  /** Names the task in files of answers; null where the suite's files have no names. */
  readonly key: string | null;
  /** As it is asked, as one user message. */
  readonly prompt: string;
  /** The row of its file, whose fields stay with the answers of a model. */
  readonly row: Readonly<Record<string, unknown>>;
}

export interface SuiteAnswer {
  /** 0-based number of the task. */
  readonly task: number;
  readonly response: string;
}

/** Figures as the suite's own reference names them, and as people read them. */
export interface SuiteFigures {
  readonly figures: Readonly<Record<string, unknown>>;
  readonly lines: readonly string[];
}

export interface Grading extends SuiteFigures {
  /** Fields that the row of each answer gains, in the order of the answers. */
  readonly fields: readonly object[];
}

/** A suite with its file read. */
export interface OpenSuite {
  readonly tasks: readonly (SuiteTask & { readonly place: RowPlace })[];
  /** Of any answers, several to a task too; each counts once. */
  grade(answers: readonly SuiteAnswer[]): Grading;
}

export interface Suite {
  /** What answers are held to, for the help. */
  readonly holds: string;
  /** Most tokens of an answer where nothing else is asked for: the reference's. */
  readonly maxTokens: number;
  /** @throws BAD_INPUT naming file, line and field */
  open(path: string): Promise<OpenSuite>;
}

/** A suite made of its parts, whose types nobody else needs to know. */
export function defineSuite<Row, Task extends SuiteTask, Grade extends object>(
  parts: Pick<Suite, "holds" | "maxTokens"> & {
    readonly read: (path: string) => Promise<readonly PlacedRow<Row>[]>;
    /** The tasks of a row: most often one. */
    readonly tasks: (row: Row, place: RowPlace) => readonly Task[];
    readonly grade: (task: Task, response: string) => Grade;
    readonly summary: (
      graded: readonly { readonly task: Task; readonly grade: Grade }[],
    ) => SuiteFigures;
  },
): Suite {
  const { holds, maxTokens, read, grade, summary } = parts;
  return {
    holds,
    maxTokens,
    open: async (path) => {
      const tasks = (await read(path)).flatMap(({ row, ...place }) =>
        parts.tasks(row, place).map((task) => ({ ...task, place })),
      );
      refuseRepeats(tasks);
      return {
        tasks,
        grade: (answers) => {
          const graded = answers.flatMap(({ task: number, response }) => {
            const task = tasks[number];
            return task === undefined
              ? []
              : [{ task, grade: grade(task, response) }];
          });
          const fields = graded.map((each) => each.grade);
          return { ...summary(graded), fields };
        },
      };
    },
  };
}

/** Characters of a key in a message; instructions are keys too. */
const LONGEST_SHOWN = 80;

/** @throws BAD_INPUT when two tasks have one key: answers could belong to either */
export function refuseRepeats(
  tasks: readonly (Pick<SuiteTask, "key"> & { readonly place: RowPlace })[],
): void {
  const lines = new Map<string, number>();
  for (const { key, place } of tasks) {
    if (key === null) continue;
    const earlier = lines.get(key);
    if (earlier !== undefined)
      throw rowError(
        place,
        `the key “${key.length > LONGEST_SHOWN ? `${key.slice(0, LONGEST_SHOWN)}…` : key}” was already used on line ${earlier}`,
        "Remove one of the two tasks, or change its key.",
      );
    lines.set(key, place.line);
  }
}
