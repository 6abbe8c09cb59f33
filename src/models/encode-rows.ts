/**
 * @file Rows → token sequences, with TRL's rules for where a prompt ends.
 *
 * Plain text: prompt and prompt + completion are tokenised separately and an
 * end-of-sequence token closes the completion. Conversations: the chat template
 * writes both, nothing is added. The completion begins where the two token rows
 * diverge: at a token of its own, or one that grew out of the prompt's last.
 */
import type {
  TemplateOptions,
  TextTokenizer,
} from "../checkpoints/tokenizer/tokenizer.js";
import type {
  ChatMessage,
  Prompt,
  PromptCompletionRow,
  SupervisedRow,
  TemplateFields,
} from "../data/records.js";
import { AutodidactError } from "../foundation/error.js";
import type { TokenSequence } from "./token-sequence.js";

/** Token ids of a prompt as a model is asked it. */
export function encodePrompt(
  tokenizer: TextTokenizer,
  prompt: Prompt,
  given: TemplateFields = {},
): Promise<number[]> {
  const { text, addSpecialTokens } = promptText(tokenizer, prompt, given);
  return tokenizer.encode(text, { addSpecialTokens });
}

/** A prompt as the text a model is asked, and whether the tokenizer adds tokens to it. */
export function promptText(
  tokenizer: TextTokenizer,
  prompt: Prompt,
  given: TemplateFields = {},
): { readonly text: string; readonly addSpecialTokens: boolean } {
  if (typeof prompt === "string")
    return { text: prompt, addSpecialTokens: true };
  return {
    text: tokenizer.applyChatTemplate(prompt, templateOptions(given, true)),
    addSpecialTokens: false,
  };
}

/** What a row gives the template, as the tokenizer takes it. */
export function templateOptions(
  { tools, chat_template_kwargs: variables }: TemplateFields,
  addGenerationPrompt: boolean,
): TemplateOptions {
  return {
    addGenerationPrompt,
    tools: tools ?? null,
    variables: variables ?? {},
  };
}

/** A prompt with one completion; the sequence keeps its first `maxLength` tokens. */
export async function encodePair(
  tokenizer: TextTokenizer,
  pair: PromptCompletionRow,
  maxLength = Number.POSITIVE_INFINITY,
): Promise<TokenSequence> {
  const [promptIds, whole] = await Promise.all([
    encodePrompt(tokenizer, pair.prompt, pair),
    encodeWhole(tokenizer, pair),
  ]);
  const ids = whole.slice(0, maxLength);
  const completionStart = Math.max(1, commonPrefixLength(promptIds, ids));
  if (pair.weight === undefined || pair.weight === 1)
    return { ids, completionStart };
  const weights = new Array<number>(ids.length - completionStart).fill(
    pair.weight,
  );
  return { ids, completionStart, weights };
}

function commonPrefixLength(
  left: readonly number[],
  right: readonly number[],
): number {
  const end = Math.min(left.length, right.length);
  let length = 0;
  while (length < end && left[length] === right[length]) length++;
  return length;
}

/** A supervised row; a conversation without a prompt learns every token, as in TRL. */
export async function encodeSupervised(
  tokenizer: TextTokenizer,
  row: SupervisedRow,
  maxLength: number,
): Promise<TokenSequence> {
  if (!("messages" in row)) return encodePair(tokenizer, row, maxLength);
  const ids = await encodeMessages(tokenizer, row.messages, row);
  return { ids: ids.slice(0, maxLength), completionStart: 1 };
}

/** Tokens of a prompt with its completion, as a model learns them. */
export async function encodeWhole(
  tokenizer: TextTokenizer,
  { prompt, completion, ...given }: PromptCompletionRow,
): Promise<number[]> {
  if (typeof prompt === "string" && typeof completion === "string") {
    const ids = await tokenizer.encode(prompt + completion, {
      addSpecialTokens: true,
    });
    const eos = tokenizer.eosTokenId;
    return eos !== null && ids.at(-1) !== eos ? [...ids, eos] : ids;
  }
  if (typeof prompt === "string" || typeof completion === "string") {
    throw new AutodidactError(
      "BAD_INPUT",
      "A row mixes plain text and messages: prompt and completion must both be text or both be lists of messages.",
    );
  }
  return encodeMessages(tokenizer, [...prompt, ...completion], given);
}

function encodeMessages(
  tokenizer: TextTokenizer,
  messages: readonly ChatMessage[],
  given: TemplateFields,
): Promise<number[]> {
  const text = tokenizer.applyChatTemplate(
    messages,
    templateOptions(given, false),
  );
  return tokenizer.encode(text, { addSpecialTokens: false });
}
