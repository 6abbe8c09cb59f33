/**
 * @file Answers to prompts of a file, or to one prompt, as rows.
 *
 * A sample depends on the model, its prompt, the settings, the seed and its number
 * only: neither on the place in the file nor on other rows.
 */
import type { RowPlace } from "../../data/formats/field-errors.js";
import { canonicalJson } from "../../foundation/hash.js";
import { derivedSeed } from "../../foundation/random.js";
import type { ChatMessage, Prompt } from "../../data/records.js";
import type {
  Completion,
  GenerationRequest,
  SamplingParameters,
} from "../../generation/language-model.js";
import { encodePrompt } from "../../models/encode-rows.js";
import { requireFits } from "./context-length.js";
import type { OpenedModel } from "../../generation/loaded-model.js";
import {
  asConversation,
  generatedRow,
  type GeneratedRow,
  type PromptRow,
} from "./prompt-rows.js";
import { rowsIdentity, type RowWork } from "./resumable-rows.js";

/** Most tokens generated when nothing else is asked for and the model has room. */
const DEFAULT_MAX_TOKENS = 256;

export interface AskedPrompt {
  readonly row: PromptRow;
  /** What the user will say, each after the answer to what came before. */
  readonly later?: readonly string[];
  /** That of the settings when absent. */
  readonly seed?: number;
  /** Null for a prompt from the command line. */
  readonly place: RowPlace | null;
}

export interface GenerationSettings extends Omit<
  SamplingParameters,
  "maxTokens"
> {
  /** `usualMaxTokens`, or what the model has room for, when undefined. */
  readonly maxTokens: number | undefined;
  /** 256 when absent. */
  readonly usualMaxTokens?: number;
  /** Samples of each prompt. */
  readonly n: number;
  readonly seed: number;
  /** Text prompts go through the chat template as one user message. */
  readonly chat: boolean;
}

/**
 * `n` rows for each prompt, in order: the answers to it, with room left for what is said
 * later.
 * @throws BAD_INPUT for a prompt that does not fit; BAD_CHECKPOINT without a chat template
 */
export async function generationWork(
  { languageModel, checkpoint }: OpenedModel,
  asked: readonly AskedPrompt[],
  settings: GenerationSettings,
): Promise<RowWork<GeneratedRow>> {
  const { maxTokens, usualMaxTokens, chat, seed, ...sampling } = settings;
  const usual = usualMaxTokens ?? DEFAULT_MAX_TOKENS;
  const limit = checkpoint.config.maxPositions;
  const prompts = asked.map(({ row, later = [] }) =>
    chat || later.length > 0 ? asConversation(row.prompt) : row.prompt,
  );
  const encoded = await Promise.all(
    prompts.map((prompt, i) =>
      encodePrompt(
        checkpoint.tokenizer,
        withLater(prompt, asked[i]?.later ?? []),
        asked[i]?.row,
      ),
    ),
  );
  const requests = prompts.map((prompt, i) => {
    const tokens = encoded[i]?.length ?? 0;
    const place = asked[i]?.place ?? null;
    const answers = 1 + (asked[i]?.later?.length ?? 0);
    requireFits({ place, tokens, more: (maxTokens ?? 1) * answers, limit });
    return {
      ...sampling,
      tools: asked[i]?.row.tools ?? null,
      chat_template_kwargs: asked[i]?.row.chat_template_kwargs ?? null,
      prompt,
      maxTokens:
        maxTokens ?? Math.min(usual, Math.floor((limit - tokens) / answers)),
      seed: derivedSeed(
        asked[i]?.seed ?? seed,
        ...["generate", canonicalJson(prompt)],
      ),
    };
  });
  const rows = asked.map(({ row }) => row);
  return {
    items: rows.length,
    unit: "prompts",
    rowsEach: settings.n,
    answersEach: settings.n,
    identity: rowsIdentity(
      { stage: "generate", model: languageModel.identity, settings },
      asked.map(({ row, later }) => (later === undefined ? row : [row, later])),
    ),
    schema: generatedRow,
    rows: async (start, end, options) => {
      const completions = await languageModel.generate(
        requests.slice(start, end),
        options,
      );
      return completions.flatMap((samples, i) =>
        samples.map((completion, sample) => ({
          ...rows[start + i],
          prompt: (requests[start + i] as GenerationRequest).prompt,
          sample,
          ...answerFields(completion),
        })),
      );
    },
  };
}

/** The conversation to come, its answers as short as can be. */
function withLater(prompt: Prompt, later: readonly string[]): Prompt {
  if (later.length === 0) return prompt;
  return [
    ...asConversation(prompt),
    ...later.flatMap((content): ChatMessage[] => [
      { role: "assistant", content: "…" },
      { role: "user", content },
    ]),
  ];
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
