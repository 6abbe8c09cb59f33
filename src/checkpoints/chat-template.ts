/**
 * @file Chat templates: a conversation rendered to the text a model was trained on.
 *
 * Rendering is `@huggingface/jinja`; this file finds the template, gives it what
 * `transformers` gives it, and turns its failures into errors a user can act on.
 */
import { Template } from "@huggingface/jinja";
import type { ChatMessage } from "../data/records.js";
import { AutodidactError } from "../foundation/error.js";

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
    template = new Template(source);
  } catch (cause) {
    throw failure(path, "cannot be parsed", cause);
  }
  return {
    render(messages, { addGenerationPrompt }) {
      try {
        return template.render({
          ...specialTokens,
          messages: messages.map(({ role, content }) => ({ role, content })),
          add_generation_prompt: addGenerationPrompt,
        });
      } catch (cause) {
        throw failure(path, "refused the conversation", cause);
      }
    },
  };
}

function failure(
  path: string,
  problem: string,
  cause: unknown,
): AutodidactError {
  return new AutodidactError(
    "BAD_CHECKPOINT",
    `The chat template in ${path} ${problem}: ${cause instanceof Error ? cause.message : String(cause)}. Use roles and an order the template accepts, or mend the template.`,
    { path },
    { cause },
  );
}
