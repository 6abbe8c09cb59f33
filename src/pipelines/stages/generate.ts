/**
 * @file Answers to prompts of a file, or to one prompt, as rows.
 *
 * A sample depends on the model, its prompt, the settings, the seed and its number
 * only: neither on the place in the file nor on other rows.
 */
import type { RowPlace } from "../../data/formats/field-errors.js";
import { canonicalJson } from "../../foundation/hash.js";
import { derivedSeed } from "../../foundation/random.js";
import type {
  Completion,
  GenerateOptions,
  SamplingParameters,
} from "../../generation/language-model.js";
import { encodePrompt } from "../../models/encode-rows.js";
import { requireFits } from "./context-length.js";
import type { LoadedModel } from "../../generation/loaded-model.js";
import { asConversation, type PromptRow } from "./prompt-rows.js";

/** Most tokens generated when nothing else is asked for and the model has room. */
const DEFAULT_MAX_TOKENS = 256;

export interface AskedPrompt {
  readonly row: PromptRow;
  /** Null for a prompt from the command line. */
  readonly place: RowPlace | null;
}

export interface GenerationSettings extends Omit<
  SamplingParameters,
  "maxTokens"
> {
  /** 256, or what the model has room for, when undefined. */
  readonly maxTokens: number | undefined;
  /** Samples of each prompt. */
  readonly n: number;
  readonly seed: number;
  /** Text prompts go through the chat template as one user message. */
  readonly chat: boolean;
}

/** What the prompt's row gains; its own fields stay. */
export interface GeneratedRow extends PromptRow {
  readonly response: string;
  /** 0-based number among the samples of its prompt. */
  readonly sample: number;
  /** False when the answer was cut off at the token limit. */
  readonly finished: boolean;
  /** Tokens generated, end-of-sequence included. */
  readonly tokens: number;
  /** Sum over the generated tokens, natural log; absent where the model does not tell. */
  readonly logprob?: number;
}

/**
 * `n` rows for each prompt, in order.
 * @throws BAD_INPUT for a prompt that does not fit; BAD_CHECKPOINT without a chat template
 */
export async function generateRows(
  { languageModel, checkpoint }: LoadedModel,
  asked: readonly AskedPrompt[],
  settings: GenerationSettings,
  options: GenerateOptions = {},
): Promise<GeneratedRow[]> {
  const { maxTokens, chat, seed, ...sampling } = settings;
  const limit = checkpoint.config.maxPositions;
  const prompts = asked.map(({ row }) =>
    chat ? asConversation(row.prompt) : row.prompt,
  );
  const encoded = await Promise.all(
    prompts.map((prompt) => encodePrompt(checkpoint.tokenizer, prompt)),
  );
  const requests = prompts.map((prompt, i) => {
    const tokens = encoded[i]?.length ?? 0;
    const place = asked[i]?.place ?? null;
    requireFits({ place, tokens, more: maxTokens ?? 1, limit });
    return {
      ...sampling,
      prompt,
      maxTokens: maxTokens ?? Math.min(DEFAULT_MAX_TOKENS, limit - tokens),
      seed: derivedSeed(seed, "generate", canonicalJson(prompt)),
    };
  });
  const completions = await languageModel.generate(requests, options);
  return asked.flatMap(({ row }, i) =>
    (completions[i] ?? []).map((completion, sample) => ({
      ...row,
      prompt: requests[i]?.prompt ?? row.prompt,
      sample,
      ...answerFields(completion),
    })),
  );
}

function answerFields({ text, tokens, finishReason, logprobs }: Completion) {
  return {
    response: text,
    finished: finishReason === "stop",
    tokens,
    ...(logprobs === undefined
      ? {}
      : { logprob: logprobs.reduce((sum, value) => sum + value, 0) }),
  };
}
