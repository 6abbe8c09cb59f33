/**
 * @file The rows that training reads and pipelines write, in the formats TRL and
 * Hugging Face `datasets` use.
 */

export interface ChatMessage {
  readonly role: "system" | "developer" | "user" | "assistant" | "tool";
  /** Only a message with `tool_calls` may have none. */
  readonly content?: string | null | undefined;
  /** What else a row has of a message, `reasoning_content` for instance, is the chat template's. */
  readonly [field: string]: unknown;
}

/** What a message says, or of one that says nothing what it calls, as JSON. */
export function messageText(message: ChatMessage): string {
  return message.content ?? JSON.stringify(message["tool_calls"]);
}

/** What a row gives the chat template besides its messages, under TRL's names. */
export interface TemplateFields {
  /** Descriptions of functions that the model may call. */
  readonly tools?: readonly unknown[] | null;
  /** Variables of the template's own, such as `enable_thinking`. */
  readonly chat_template_kwargs?: Readonly<Record<string, unknown>> | null;
}

/** Plain text or a conversation; conversations go through the chat template. */
export type Prompt = string | readonly ChatMessage[];

/** Supervised row in TRL's prompt/completion form; loss falls on the completion only. */
export interface PromptCompletionRow extends TemplateFields {
  readonly prompt: Prompt;
  readonly completion: Prompt;
  /** Multiplies this row's token losses; 1 when absent. Not a TRL field. */
  readonly weight?: number;
}

/** Supervised row as a conversation. */
export interface MessagesRow extends TemplateFields {
  readonly messages: readonly ChatMessage[];
}

export type SupervisedRow = PromptCompletionRow | MessagesRow;

/** Preference row in TRL's form. */
export interface PreferenceRow extends TemplateFields {
  readonly prompt: Prompt;
  readonly chosen: Prompt;
  readonly rejected: Prompt;
}

/** A ranked pair in the form of TRL's RewardTrainer; an empty prompt where the sides hold it. */
export interface RewardRow extends PreferenceRow {
  /** By how much the chosen reward is to be larger; 0 when absent. */
  readonly margin?: number;
}
