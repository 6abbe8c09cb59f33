/**
 * @file The English sentences of the prompts. No sentence here is the paper's.
 */
import type { Wording } from "./wording.js";

export const englishWording: Wording = {
  taskList:
    "A varied collection of tasks, each of which can be done in writing alone:",
  moreTasks: ({ first, last }) =>
    `Continue this collection with new tasks numbered ${first} to ${last}. ` +
    "Make them differ from the ones above and from each other in subject, in kind of work and in sentence form; " +
    "each must be doable in writing alone, without pictures, sound, files or the internet. " +
    "Write one task a line and nothing else; do not solve them.",
  classificationHead:
    "A task is a classification task when its answer is picked from a small, closed set of labels. Is each of these tasks one?",
  classificationForm: "Answer with one word, Yes or No.",
  inputFirstHead:
    "For each task, worked examples: first the input, where the task needs one, then the correct output. A task that is complete in itself has a single example without input.",
  inputFirstForm: (most) =>
    `Write worked examples for the task below in the same form. If it needs an input, give up to ${most} examples with different, concrete inputs; if it is complete in itself, give one output and no input. ` +
    "Outputs must be correct and complete. Write the examples and nothing else.",
  outputFirstHead:
    "For each classification task, first a possible class label, then an input to which exactly this label belongs. Every label that the task allows gets its turn.",
  outputFirstForm: (most) =>
    `Write labelled inputs for the task below in the same form, up to ${most} of them, with different labels. Write them and nothing else.`,
  yourTask: "The task:",
  colon: ": ",
};
