/**
 * @file The nursery tokenizer as ordinary Hugging Face files: a WordLevel model over
 * the closed vocabulary, split at white space, special tokens added.
 *
 * Decoding joins tokens with one space (no decoder is set: both the Python and the
 * JavaScript library then do that). The chat template renders each message as
 * `<|user|> text` or `<|assistant|> text <|end|>`, so the rendering with a generation
 * prompt is a prefix of the whole conversation, in text and in tokens.
 */
import {
  ASSISTANT_TOKEN,
  END_TOKEN,
  PAD_TOKEN,
  SPECIAL_TOKENS,
  UNKNOWN_TOKEN,
  USER_TOKEN,
  VOCABULARY,
} from "./vocabulary.js";

/** Longest sequence of a nursery model, in tokens. */
export const NURSERY_CONTEXT_LENGTH = 256;

export const NURSERY_CHAT_TEMPLATE = [
  "{%- for message in messages -%}",
  `{%- if not loop.first %}{{ ' ' }}{% endif -%}`,
  `{%- if message['role'] == 'user' -%}{{ '${USER_TOKEN} ' + message['content'] }}`,
  `{%- elif message['role'] == 'assistant' -%}{{ '${ASSISTANT_TOKEN} ' + message['content'] + ' ${END_TOKEN}' }}`,
  `{%- else -%}{{ raise_exception('The nursery chat template knows the roles user and assistant only.') }}`,
  "{%- endif -%}",
  "{%- endfor -%}",
  `{%- if add_generation_prompt %}{{ ' ${ASSISTANT_TOKEN}' }}{% endif -%}`,
].join("");

const idOf = (token: string): number => VOCABULARY.indexOf(token);

const addedToken = (content: string): Record<string, unknown> => ({
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
});

/** Content of `tokenizer.json`. */
export function tokenizerJson(): Record<string, unknown> {
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: SPECIAL_TOKENS.map((token, id) => ({
      id,
      ...addedToken(token),
    })),
    normalizer: null,
    pre_tokenizer: { type: "WhitespaceSplit" },
    post_processor: null,
    decoder: null,
    model: {
      type: "WordLevel",
      vocab: Object.fromEntries(VOCABULARY.map((token, id) => [token, id])),
      unk_token: UNKNOWN_TOKEN,
    },
  };
}

/** Content of `tokenizer_config.json`. */
export function tokenizerConfig(): Record<string, unknown> {
  return {
    tokenizer_class: "PreTrainedTokenizerFast",
    added_tokens_decoder: Object.fromEntries(
      SPECIAL_TOKENS.map((token, id) => [String(id), addedToken(token)]),
    ),
    eos_token: END_TOKEN,
    pad_token: PAD_TOKEN,
    unk_token: UNKNOWN_TOKEN,
    additional_special_tokens: [USER_TOKEN, ASSISTANT_TOKEN],
    clean_up_tokenization_spaces: false,
    model_max_length: NURSERY_CONTEXT_LENGTH,
    padding_side: "left",
    chat_template: NURSERY_CHAT_TEMPLATE,
  };
}

/** Content of `generation_config.json`. */
export function generationConfig(): Record<string, unknown> {
  return {
    eos_token_id: idOf(END_TOKEN),
    pad_token_id: idOf(PAD_TOKEN),
  };
}

/** File name → JSON text, as written beside a nursery model's weights. */
export function tokenizerFiles(): Readonly<Record<string, string>> {
  const asText = (value: unknown): string =>
    `${JSON.stringify(value, null, 2)}\n`;
  return {
    "tokenizer.json": asText(tokenizerJson()),
    "tokenizer_config.json": asText(tokenizerConfig()),
    "generation_config.json": asText(generationConfig()),
  };
}
