/**
 * @file The sentences around the examples, which each language supplies.
 *
 * Our own wording of the prompts of Self-Instruct (tables 5 to 8 of the paper give
 * theirs). Numbers are given as arguments so that no sentence can contradict them.
 */

export interface Wording {
  /** Head of the numbered list that a base model continues. */
  readonly taskList: string;
  /** What a chat model is asked to add to the list, numbered from `first` to `last`. */
  readonly moreTasks: (range: {
    readonly first: number;
    readonly last: number;
  }) => string;
  /** Head of the classification examples. */
  readonly classificationHead: string;
  /** What a chat model is told about the form of its answer. */
  readonly classificationForm: string;
  /** Head of the input-first examples. */
  readonly inputFirstHead: string;
  /** What a chat model is told about the form of its examples, at most `most` of them. */
  readonly inputFirstForm: (most: number) => string;
  /** Head of the output-first examples. */
  readonly outputFirstHead: string;
  readonly outputFirstForm: (most: number) => string;
  /** Stands before the task that a chat model is asked about. */
  readonly yourTask: string;
  /** Written after a label; "：" in Chinese, ": " in English. */
  readonly colon: string;
}
