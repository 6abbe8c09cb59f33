/**
 * @file From instructions with instances to rows for supervised fine-tuning.
 *
 * Every instance becomes one row; its template is drawn from a stream of its own,
 * named by the instruction's id and the instance's place, so that adding or
 * removing a task changes no other row. Paper: section 2.3.
 */
import type { MessagesRow } from "../data/records.js";
import { randomStream } from "../foundation/random.js";
import type { LanguageId } from "./language-packs/language-pack.js";
import type { Instance } from "./records.js";
import { LANGUAGE_PACKS } from "./language-packs/check.js";
import { PROMPT_TEMPLATES } from "./training-templates.js";

/** An accepted instruction with its accepted instances. */
export interface InstructionTask {
  readonly id: string;
  readonly instruction: string;
  readonly instances: readonly Instance[];
}

/** A prompt/completion row of plain text. */
export interface TextRow {
  readonly prompt: string;
  readonly completion: string;
}

/**
 * Rows of plain text for base models. The completion begins with a space where the
 * prompt ends in a word, as tokenizers like it.
 */
export function trainingRows(
  tasks: readonly InstructionTask[],
  options: { readonly language: LanguageId; readonly seed: number },
): TextRow[] {
  const templates = PROMPT_TEMPLATES[options.language];
  return tasks.flatMap(({ id, instruction, instances }) =>
    instances.map(({ input, output }, index) => {
      const stream = randomStream(options.seed, "prompt-template", id, index);
      const template = stream.pick(
        input === "" ? templates.withoutInput : templates.withInput,
      );
      const prompt = fillTemplate(template, { instruction, input });
      return {
        prompt,
        completion: prompt.endsWith(":") ? ` ${output}` : output,
      };
    }),
  );
}

/** Rows for chat models: instruction and input from the user, output from the assistant. */
export function chatTrainingRows(
  tasks: readonly InstructionTask[],
  { language }: { readonly language: LanguageId },
): MessagesRow[] {
  return tasks.flatMap(({ instruction, instances }) =>
    instances.map(({ input, output }) => ({
      messages: [
        {
          role: "user" as const,
          content: joinedPrompt({ instruction, input }, language),
        },
        { role: "assistant" as const, content: output },
      ],
    })),
  );
}

/** Instruction and input as one text, the way the language puts them together. */
export function joinedPrompt(
  {
    instruction,
    input,
  }: { readonly instruction: string; readonly input: string },
  language: LanguageId,
): string {
  return input === ""
    ? instruction
    : `${instruction}${LANGUAGE_PACKS[language].inputSeparator}${input}`;
}

/** One pass, so that braces in the instruction or the input are left alone. */
function fillTemplate(
  template: string,
  values: { readonly instruction: string; readonly input: string },
): string {
  return template.replace(
    /\{(instruction|input)\}/gu,
    (_match, name: "instruction" | "input") => values[name],
  );
}
