/**
 * @file Chat templates: a conversation rendered to the text a model was trained on.
 *
 * This file gives a template what `transformers` gives it and turns its failures into
 * errors a user can act on.
 *
 * One thing differs on purpose: a template that asks for today's date gets a fixed
 * one, the day Llama 3's own template falls back to. A prompt that changed at
 * midnight could not be repeated, resumed or found in the ledger.
 */
import type { ChatMessage } from "../data/records.js";
import { AutodidactError, messageLine } from "../foundation/error.js";
import { renderTemplate } from "./jinja/evaluator.js";
import { textFunction } from "./jinja/globals.js";
import { type Block, parseTemplate } from "./jinja/nodes.js";
import { fromJson } from "./jinja/values.js";

/** 26 July 2024, a Friday, as the parts `strftime` can ask for. */
const DATE_PARTS: Readonly<Record<string, string>> = {
  "%a": "Fri",
  "%A": "Friday",
  "%b": "Jul",
  "%B": "July",
  "%d": "26",
  "%H": "00",
  "%I": "12",
  "%j": "208",
  "%m": "07",
  "%M": "00",
  "%p": "AM",
  "%S": "00",
  "%y": "24",
  "%Y": "2024",
  "%%": "%",
};

/** What a template is given besides the messages. */
export interface TemplateOptions {
  /** End with the words that open the assistant's turn. */
  readonly addGenerationPrompt: boolean;
  /** Descriptions of functions that the model may call. */
  readonly tools?: readonly unknown[] | null;
  /** Variables of the template's own, such as `enable_thinking`. */
  readonly variables?: Readonly<Record<string, unknown>>;
}

export interface ChatTemplate {
  /** @throws BAD_CHECKPOINT when the template refuses the conversation */
  render(messages: readonly ChatMessage[], options: TemplateOptions): string;
}

/**
 * Compiles a template.
 * @param source Jinja text
 * @param path the file it came from, named in errors
 * @param specialTokens what `bos_token`, `eos_token` and so on stand for
 * @throws BAD_CHECKPOINT when the template cannot be parsed
 */
export function compileChatTemplate(options: {
  readonly source: string;
  readonly path: string;
  readonly specialTokens: Readonly<Record<string, string>>;
}): ChatTemplate {
  const { source, path, specialTokens } = options;
  let template: Block;
  try {
    template = parseTemplate(source);
  } catch (cause) {
    throw failure(path, "cannot be parsed", cause);
  }
  return {
    render(messages, { addGenerationPrompt, tools = null, variables = {} }) {
      let text: string;
      try {
        text = renderTemplate(
          template.body,
          new Map([
            ["strftime_now", textFunction("strftime_now", fixedDate)],
            ...Object.entries(specialTokens),
            ...Object.entries(variables).map(
              ([name, value]) => [name, fromJson(value)] as const,
            ),
            ["messages", fromJson(messages)],
            // `transformers` gives a template these two even where there are none.
            ["tools", fromJson(tools)],
            ["documents", fromJson(variables["documents"] ?? null)],
            ["add_generation_prompt", addGenerationPrompt],
          ]),
        );
      } catch (cause) {
        throw failure(path, "refused the conversation", cause);
      }
      if (text === "")
        throw failure(path, "lost the conversation", "it gave no text at all");
      return text;
    },
  };
}

function fixedDate(format: string): string {
  return format.replace(/%./g, (part) => DATE_PARTS[part] ?? part);
}

function failure(
  path: string,
  problem: string,
  cause: unknown,
): AutodidactError {
  return new AutodidactError(
    "BAD_CHECKPOINT",
    `The chat template in ${path} ${problem}: ${messageLine(cause).replace(/\.$/, "")}. Use roles and an order the template accepts, or mend the template.`,
    { path },
    { cause },
  );
}
