/**
 * @file `/v1/chat/completions`: conversations, through the model's chat template.
 */
import type { ChatMessage } from "../data/records.js";
import { encodePrompt } from "../models/encode-rows.js";
import { roomFor, settingsOf } from "./asks.js";
import { chatFields, readFields, type ChatFields } from "./request-fields.js";
import type { HostedModel } from "./hosted-model.js";
import type { ShownToken } from "./shown-tokens.js";
import type { Piece } from "./speech.js";
import type { Task, Voice } from "./task.js";

/** @throws ApiError, and BAD_CHECKPOINT where there is no template or it refuses */
export async function chatTask(
  model: HostedModel,
  body: unknown,
): Promise<Task> {
  const fields = readFields(chatFields, body);
  const settings = settingsOf(model, fields);
  const promptIds = await encodePrompt(
    model.checkpoint.tokenizer,
    fields.messages.map(messageOf),
    {
      tools: fields.tools ?? null,
      chat_template_kwargs: fields.chat_template_kwargs ?? null,
    },
  );
  const asked = fields.max_completion_tokens ?? fields.max_tokens ?? undefined;
  const tellsLogprobs = fields.logprobs === true;
  return {
    asks: [
      {
        ...settings,
        promptIds,
        maxTokens: roomFor(model, promptIds, asked),
        echo: null,
        alternatives: tellsLogprobs ? (fields.top_logprobs ?? 0) : null,
      },
    ],
    voice: voiceOf(tellsLogprobs),
    streams: fields.stream === true,
    tellsUsage: fields.stream_options?.include_usage === true,
  };
}

/** Templates take the arguments of a call as the object that OpenAI writes as a text. */
function messageOf(message: ChatFields["messages"][number]): ChatMessage {
  const { tool_calls: calls } = message;
  if (!Array.isArray(calls)) return message;
  return { ...message, tool_calls: calls.map(withArguments) };
}

function withArguments(call: unknown): unknown {
  const { function: called } = Object(call) as Record<string, unknown>;
  const fields = Object(called) as Record<string, unknown>;
  const { arguments: text } = fields;
  if (typeof text !== "string") return call;
  try {
    const read: unknown = JSON.parse(text);
    return { ...Object(call), function: { ...fields, arguments: read } };
  } catch {
    return call;
  }
}

function voiceOf(tellsLogprobs: boolean): Voice {
  const logprobs = ({ tokens }: Piece) =>
    tellsLogprobs ? { content: tokens.map(logprobEntry), refusal: null } : null;
  const delta = (index: number, said: Readonly<Record<string, string>>) => ({
    index,
    delta: said,
    logprobs: null,
    finish_reason: null,
  });
  return {
    idPrefix: "chatcmpl",
    object: "chat.completion",
    chunkObject: "chat.completion.chunk",
    choice: (index, answer) => ({
      index,
      message: { role: "assistant", content: answer.text, refusal: null },
      logprobs: logprobs(answer),
      finish_reason: answer.finishReason,
    }),
    opening: (index) => delta(index, { role: "assistant", content: "" }),
    piece: (index, piece) => ({
      ...delta(index, { content: piece.text }),
      logprobs: logprobs(piece),
    }),
    ending: (index, { finishReason }) => ({
      ...delta(index, {}),
      finish_reason: finishReason,
    }),
  };
}

function logprobEntry({ bytes, logprob, alternatives }: ShownToken) {
  return {
    ...named(bytes),
    logprob,
    top_logprobs: alternatives.map((each) => ({
      ...named(each.bytes),
      logprob: each.logprob,
    })),
  };
}

function named(bytes: Uint8Array) {
  return { token: new TextDecoder().decode(bytes), bytes: [...bytes] };
}
