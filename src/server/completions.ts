/**
 * @file `/v1/completions`: texts, or token ids, and what follows them.
 */
import type { TextTokenizer } from "../checkpoints/tokenizer/tokenizer.js";
import { ApiError } from "./api-error.js";
import { roomFor, settingsOf } from "./asks.js";
import {
  completionFields,
  readFields,
  type CompletionFields,
} from "./request-fields.js";
import type { Ask, HostedModel } from "./hosted-model.js";
import type { ShownToken } from "./shown-tokens.js";
import type { Piece } from "./speech.js";
import type { Task, Voice } from "./task.js";

/** OpenAI's, where a request names none. */
const MAX_TOKENS = 16;

/** @throws ApiError */
export async function completionTask(
  model: HostedModel,
  body: unknown,
): Promise<Task> {
  const fields = readFields(completionFields, body);
  const settings = settingsOf(model, fields);
  const ask = async (
    prompt: CompletionFields["prompt"][number],
  ): Promise<Ask> => {
    const promptIds = await encode(model.checkpoint.tokenizer, prompt, fields);
    return {
      ...settings,
      promptIds,
      maxTokens: roomFor(model, promptIds, fields.max_tokens ?? MAX_TOKENS),
      echo: fields.echo === true ? await textOf(model, prompt) : null,
      alternatives: fields.logprobs ?? null,
    };
  };
  return {
    asks: await Promise.all(fields.prompt.map(ask)),
    voice: voiceOf(fields.logprobs !== null && fields.logprobs !== undefined),
    streams: fields.stream === true,
    tellsUsage: fields.stream_options?.include_usage === true,
  };
}

/** Who writes a whole prompt may write special tokens into it; in a chat only the template may. */
async function encode(
  tokenizer: TextTokenizer,
  prompt: string | readonly number[],
  { add_special_tokens: adds }: CompletionFields,
): Promise<readonly number[]> {
  if (typeof prompt === "string")
    return tokenizer.encode(tokenizer.trust(prompt), {
      addSpecialTokens: adds ?? true,
    });
  const stray = prompt.find((id) => id >= tokenizer.vocabSize);
  if (stray !== undefined)
    throw new ApiError(
      400,
      `The prompt has the token id ${stray}, and this model's go up to ${tokenizer.vocabSize - 1}.`,
      { param: "prompt", code: "invalid_value" },
    );
  return prompt;
}

function textOf(
  { checkpoint: { tokenizer } }: HostedModel,
  prompt: string | readonly number[],
): string | Promise<string> {
  return typeof prompt === "string" ? prompt : tokenizer.decode(prompt);
}

function voiceOf(tellsLogprobs: boolean): Voice {
  const logprobs = ({ tokens }: Piece) =>
    tellsLogprobs ? logprobLists(tokens) : null;
  return {
    idPrefix: "cmpl",
    object: "text_completion",
    chunkObject: "text_completion",
    choice: (index, answer) => ({
      index,
      text: answer.text,
      logprobs: logprobs(answer),
      finish_reason: answer.finishReason,
    }),
    opening: () => null,
    piece: (index, piece) => ({
      index,
      text: piece.text,
      logprobs: logprobs(piece),
      finish_reason: null,
    }),
    ending: (index, { finishReason }) => ({
      index,
      text: "",
      logprobs: null,
      finish_reason: finishReason,
    }),
  };
}

/** A list for each property, as the older API has it. */
function logprobLists(tokens: readonly ShownToken[]) {
  return {
    tokens: tokens.map(({ bytes }) => named(bytes)),
    token_logprobs: tokens.map(({ logprob }) => logprob),
    top_logprobs: tokens.map(likeliestByName),
    text_offset: tokens.map(({ offset }) => offset),
  };
}

/** The token that is there counts as well, be it likely or not; of one name the likeliest. */
function likeliestByName({ bytes, logprob, alternatives }: ShownToken) {
  if (logprob === null) return null;
  const rising = [{ bytes, logprob }, ...alternatives].toSorted(
    (a, b) => a.logprob - b.logprob,
  );
  return Object.fromEntries(
    rising.map((each) => [named(each.bytes), each.logprob]),
  );
}

/** A token's text, or as OpenAI writes one that is no text by itself: bytes:\xe2\x80 */
function named(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
      bytes,
    );
  } catch {
    const codes = Array.from(
      bytes,
      (byte) => String.raw`\x` + byte.toString(16).padStart(2, "0"),
    );
    return `bytes:${codes.join("")}`;
  }
}
