/**
 * @file The worked examples that prompts show, as types and as text.
 */
import type { LanguagePack } from "../language-packs/language-pack.js";
import type { Instance } from "../records.js";

export interface ClassificationShot {
  readonly instruction: string;
  readonly isClassification: boolean;
}

export interface InstanceShot {
  readonly instruction: string;
  readonly instances: readonly Instance[];
}

export interface Shots {
  /** 12 classification and 19 other tasks in the paper. */
  readonly classification: readonly ClassificationShot[];
  readonly inputFirst: readonly InstanceShot[];
  /** Outputs are the class labels. */
  readonly outputFirst: readonly InstanceShot[];
}

/** A label word with its colon, and the text behind it. */
export function labelled(word: string, colon: string, text: string): string {
  return `${word}${colon}${text}`.trimEnd();
}

/** "Task: …" with "Example n / Input / Output" blocks under it. */
export function inputFirstText(
  shot: InstanceShot,
  pack: LanguagePack,
  colon: string,
): string {
  const { task, example, input, output } = pack.labels;
  const several = shot.instances.length > 1;
  const blocks = shot.instances.map((instance, index) =>
    [
      ...(several ? [`${first(example)} ${index + 1}`] : []),
      ...(instance.input === ""
        ? []
        : [labelled(first(input), colon, instance.input)]),
      labelled(first(output), colon, instance.output),
    ].join("\n"),
  );
  return [labelled(first(task), colon, shot.instruction), ...blocks].join("\n");
}

/** "Task: …" with "Class label / Input" blocks under it. */
export function outputFirstText(
  shot: InstanceShot,
  pack: LanguagePack,
  colon: string,
): string {
  const blocks = shot.instances.map((instance) =>
    [
      labelled(first(pack.labels.classLabel), colon, instance.output),
      labelled(first(pack.labels.input), colon, instance.input),
    ].join("\n"),
  );
  return [
    labelled(first(pack.labels.task), colon, shot.instruction),
    ...blocks,
  ].join("\n");
}

/** The word of a label list that we write ourselves. */
export function first(words: readonly string[]): string {
  return words[0] ?? "";
}
