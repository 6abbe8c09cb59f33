/**
 * @file The seed tasks arranged as the very prompts of Self-Instruct, each with its
 * answer: what a model learns the form of its part from.
 *
 * Nothing but the seeds is in them, so a model taught on them knows no more of the
 * world than its base and the seed tasks.
 */
import type { SeedTask } from "../data/formats/instruction-records.js";
import type { PromptCompletionRow } from "../data/records.js";
import { randomStream } from "../foundation/random.js";
import type { ModelPrompt } from "./prompts/prompt-set.js";
import type { TeachablePromptSet } from "./prompts/teachable-prompt-set.js";

export interface PromptLesson {
  readonly row: PromptCompletionRow;
  /** Index of the seed task that is the answer, or the first one of the answer. */
  readonly seed: number;
}

export interface TaskLessonOptions {
  /** Instructions shown in one prompt, and written in its answer. */
  readonly shown: number;
  readonly written: number;
  /** Prompts for new instructions, each with other examples drawn at random. */
  readonly lists: number;
  /** Loss weight of a yes or no, a word among the many of a list. */
  readonly sortingWeight: number;
  readonly seed: number;
}

/** How to write new instructions, and how to tell classification tasks. */
export function taskLessons(
  prompts: TeachablePromptSet,
  seeds: readonly SeedTask[],
  options: TaskLessonOptions,
): readonly PromptLesson[] {
  const { shown, written, lists, sortingWeight, seed } = options;
  const places = seeds.map((_, index) => index);
  const writing = Array.from({ length: lists }, (_, list): PromptLesson => {
    const stream = randomStream(seed, "task-lessons", list);
    const drawn = stream.sample(places, shown + written);
    const texts = drawn.map((index) => seeds[index]?.instruction ?? "");
    return {
      seed: drawn[shown] ?? 0,
      row: lesson(
        prompts.instructions(texts.slice(0, shown)),
        prompts.instructionsAnswer(texts.slice(shown)),
      ),
    };
  });
  const sorting = seeds.map((task, index): PromptLesson => ({
    seed: index,
    row: {
      ...lesson(
        prompts.classification(task.instruction),
        prompts.classificationAnswer(task.is_classification),
      ),
      weight: sortingWeight,
    },
  }));
  return [...writing, ...sorting];
}

/** How to write the instances of an instruction. */
export function instanceLessons(
  prompts: TeachablePromptSet,
  seeds: readonly SeedTask[],
): readonly PromptLesson[] {
  return seeds.map((task, index): PromptLesson => {
    const { instruction, is_classification: isClassification } = task;
    return {
      seed: index,
      row: lesson(
        prompts.instances(instruction, isClassification),
        prompts.instancesAnswer(task.instances, isClassification),
      ),
    };
  });
}

/** Plain text goes on after a space, as tokenizers like it. */
function lesson({ prompt }: ModelPrompt, answer: string): PromptCompletionRow {
  return typeof prompt === "string"
    ? { prompt, completion: ` ${answer}` }
    : { prompt, completion: [{ role: "assistant", content: answer }] };
}
