/**
 * @file The rows that training reads and pipelines write, in the formats TRL and
 * Hugging Face `datasets` use.
 */

export interface ChatMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** Plain text or a conversation; conversations go through the chat template. */
export type Prompt = string | readonly ChatMessage[];

/** Supervised row in TRL's prompt/completion form; loss falls on the completion only. */
export interface PromptCompletionRow {
  readonly prompt: Prompt;
  readonly completion: Prompt;
  /** Multiplies this row's token losses; 1 when absent. Not a TRL field. */
  readonly weight?: number;
}

/** Supervised row as a conversation. */
export interface MessagesRow {
  readonly messages: readonly ChatMessage[];
}

export type SupervisedRow = PromptCompletionRow | MessagesRow;

/** Preference row in TRL's form. */
export interface PreferenceRow {
  readonly prompt: Prompt;
  readonly chosen: Prompt;
  readonly rejected: Prompt;
}
