/**
 * @file The numbers in a refusal of a request that is too long for a model's context.
 *
 * Sentences of OpenAI, Azure, DeepSeek, OpenRouter ("maximum context length is 4096 tokens
 * … (100 in the messages, 4000 in the completion)"), vLLM ("max_tokens=1024 cannot be
 * greater than max_model_len=256", "your request has 100 input tokens"), SGLang ("1000
 * tokens from the input messages") and TGI ("must be <= 4096. Given: 1000 `inputs`
 * tokens"); of longest answers OpenAI ("at most 4096 completion tokens") and Anthropic
 * ("max_tokens: 5000 > 4096").
 */
import { LONGEST_READ } from "./error-body.js";

export interface ContextNumbers {
  /** Most tokens of a prompt with its answer. */
  readonly context?: number;
  /** Tokens of the prompt that was refused. */
  readonly prompt?: number;
  /** Most tokens of an answer, whatever its prompt. */
  readonly answer?: number;
}

const PATTERNS: Readonly<Record<keyof ContextNumbers, RegExp>> = {
  context:
    /(?:context (?:length|size|window)(?: is| of)?(?: only)?|max_model_len=|`max_new_tokens` must be <=) ?(\d+)/i,
  prompt:
    /(\d+) (?:(?:tokens )?(?:in|from) (?:the|your) (?:input|messages|prompt)|(?:text )?input tokens|of text input|`inputs` tokens)/i,
  answer: /at most (\d+) (?:completion|output) tokens|max_tokens: \d+ > (\d+)/i,
};

/** What a server's sentence tells; nothing of any other sentence. */
export function readContextNumbers(sentence: string): ContextNumbers {
  const start = sentence.slice(0, LONGEST_READ);
  return Object.fromEntries(
    Object.entries(PATTERNS).flatMap(([name, pattern]) => {
      const [, ...found] = pattern.exec(start) ?? [];
      const number = Number(found.find((digits) => digits !== undefined));
      return number > 0 ? [[name, number]] : [];
    }),
  );
}
