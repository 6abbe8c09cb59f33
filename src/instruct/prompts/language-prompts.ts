/**
 * @file The prompt set of a language pack, in completion style for base models or
 * chat style for chat models.
 *
 * Completion prompts end exactly where the model must go on; chat prompts are one
 * user message, which every chat template accepts. Paper: tables 5 to 8.
 */
import type {
  LanguagePack,
  RuleName,
} from "../language-packs/language-pack.js";
import { parseClassification } from "../parsing/classification-answer.js";
import {
  parseInputFirst,
  parseOutputFirst,
} from "../parsing/instance-blocks.js";
import { parseInstructionList } from "../parsing/instruction-list.js";
import type { ModelPrompt, PromptSet, PromptStyle } from "./prompt-set.js";
import {
  first,
  inputFirstText,
  labelled,
  outputFirstText,
  type Shots,
} from "./shots.js";
import type { Wording } from "./wording.js";

/** Changes whenever any wording or shot changes, so that a run's record tells prompts apart. */
const VERSION = 1;

export interface LanguagePromptOptions {
  readonly pack: LanguagePack;
  readonly wording: Wording;
  readonly shots: Shots;
  readonly style: PromptStyle;
  /** New instructions asked for in one request; the paper stops at the 16th of which 8 are shown: 7. */
  readonly newInstructions: number;
  /** Most instances of one instruction; 5 in the released code. */
  readonly maxInstances: number;
  readonly enabled: ReadonlySet<RuleName>;
}

/** Makes the prompt set of one language and style. */
export function languagePrompts(options: LanguagePromptOptions): PromptSet {
  const { pack, style, maxInstances, newInstructions, enabled } = options;
  const continues = style === "completion";
  const dropTruncated = enabled.has("truncated-last-item");
  return {
    id: `${pack.id}-${style}-${VERSION}`,
    instructions: (examples) => instructionPrompt(examples, options),
    readInstructions: (answer) =>
      parseInstructionList(answer, {
        pack,
        continues,
        dropTruncated,
        limit: newInstructions,
      }),
    classification: (instruction) => classificationPrompt(instruction, options),
    readClassification: (answer) => parseClassification(answer, pack),
    instances: (instruction, isClassification) =>
      instancePrompt(instruction, isClassification, options),
    readInstances: (answer, isClassification) =>
      (isClassification ? parseOutputFirst : parseInputFirst)(answer, {
        pack,
        continues,
        dropTruncated,
        limit: maxInstances,
      }),
  };
}

function instructionPrompt(
  examples: readonly string[],
  { wording, style, newInstructions }: LanguagePromptOptions,
): ModelPrompt {
  const list = examples.map(
    (example, index) => `${index + 1}. ${oneLine(example)}`,
  );
  const next = examples.length + 1;
  const last = examples.length + newInstructions;
  const head = [wording.taskList, "", ...list];
  return style === "completion"
    ? {
        prompt: [...head, `${next}.`].join("\n"),
        stop: ["\n\n", `\n${last + 1}.`],
      }
    : chat([...head, "", wording.moreTasks({ first: next, last })]);
}

function classificationPrompt(
  instruction: string,
  { pack, wording, shots, style }: LanguagePromptOptions,
): ModelPrompt {
  const { colon } = wording;
  const [task, question] = [
    first(pack.labels.task),
    first(pack.labels.classification),
  ];
  const ask = (text: string, answer: string): string =>
    [
      labelled(task, colon, oneLine(text)),
      labelled(question, colon, answer),
    ].join("\n");
  const [yes, no] = [
    capitalised(first(pack.labels.yes)),
    capitalised(first(pack.labels.no)),
  ];
  const examples = shots.classification.map((shot) =>
    ask(shot.instruction, shot.isClassification ? yes : no),
  );
  const body = [
    wording.classificationHead,
    ...examples,
    ...(style === "chat" ? [wording.classificationForm] : []),
    ask(instruction, ""),
  ].join("\n\n");
  return style === "completion" ? { prompt: body, stop: ["\n"] } : chat([body]);
}

function instancePrompt(
  instruction: string,
  isClassification: boolean,
  { pack, wording, shots, style, maxInstances }: LanguagePromptOptions,
): ModelPrompt {
  const { colon } = wording;
  const [head, form, examples] = isClassification
    ? [
        wording.outputFirstHead,
        wording.outputFirstForm(maxInstances),
        shots.outputFirst.map((shot) => outputFirstText(shot, pack, colon)),
      ]
    : [
        wording.inputFirstHead,
        wording.inputFirstForm(maxInstances),
        shots.inputFirst.map((shot) => inputFirstText(shot, pack, colon)),
      ];
  const word = first(pack.labels.task);
  const shown = [head, ...examples].join("\n\n");
  const task = labelled(word, colon, oneLine(instruction));
  if (style === "chat")
    return chat([shown, "", form, wording.yourTask, "", task]);
  // The label of a class begins a base model's answer.
  const opening = isClassification
    ? labelled(first(pack.labels.classLabel), colon, "")
    : "";
  return {
    prompt: `${shown}\n\n${task}\n${opening}`,
    stop: [`\n${word}${colon.trimEnd()}`],
  };
}

function chat(lines: readonly string[]): ModelPrompt {
  return {
    prompt: [{ role: "user", content: lines.join("\n") }],
    stop: [],
  };
}

/** An instruction as one line without the colon at which a list item would seem unfinished (released code). */
function oneLine(text: string): string {
  const line = text.replace(/\s+/gu, " ").trim();
  let end = line.length;
  while (/[:：]/u.test(line.charAt(end - 1))) end -= 1;
  return line.slice(0, end);
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
