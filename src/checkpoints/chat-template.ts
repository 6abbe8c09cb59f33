/**
 * @file Chat templates: a conversation rendered to the text a model was trained on.
 *
 * Rendering is `@huggingface/jinja`; this file finds the template, gives it what
 * `transformers` gives it, and turns its failures into errors a user can act on.
 *
 * One thing differs on purpose: a template that asks for today's date gets a fixed
 * one, the day Llama 3's own template falls back to. A prompt that changed at
 * midnight could not be repeated, resumed or found in the ledger.
 */
import { Template } from "@huggingface/jinja";
import type { ChatMessage } from "../data/records.js";
import { AutodidactError } from "../foundation/error.js";

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

export interface ChatTemplate {
  /**
   * @param addGenerationPrompt end with the words that open the assistant's turn
   * @throws BAD_CHECKPOINT when the template refuses the conversation
   */
  render(
    messages: readonly ChatMessage[],
    options: { readonly addGenerationPrompt: boolean },
  ): string;
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
  let template: Template;
  try {
    // The library's own strftime_now cannot be replaced, only never be called.
    template = new Template(source.replace(/\bstrftime_now\b/g, "fixed_date"));
  } catch (cause) {
    throw failure(path, "cannot be parsed", cause);
  }
  return {
    render(messages, { addGenerationPrompt }) {
      let text: string;
      try {
        text = template.render({
          ...specialTokens,
          messages: messages.map(({ role, content }) => ({ role, content })),
          add_generation_prompt: addGenerationPrompt,
          fixed_date: fixedDate,
        });
      } catch (cause) {
        throw failure(path, "refused the conversation", cause);
      }
      // The library passes over a field that is not there, where Python's engine throws.
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
    `The chat template in ${path} ${problem}: ${(cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, "")}. Use roles and an order the template accepts, or mend the template.`,
    { path },
    { cause },
  );
}
