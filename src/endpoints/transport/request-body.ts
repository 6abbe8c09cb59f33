/**
 * @file From a prompt and its sampling parameters to the body of a request.
 */
import { AutodidactError } from "../../foundation/error.js";
import {
  messageText,
  type ChatMessage,
  type Prompt,
  type TemplateFields,
} from "../../data/records.js";
import type { SamplingParameters } from "../../generation/language-model.js";
import { oneLine } from "../../text/harmless.js";
import type { Fields } from "../dialects/dialect.js";
import type { EndpointSettings } from "./endpoint-settings.js";

/** "chat" is /chat/completions, "text" is /completions. */
export type AnswerKind = "chat" | "text";

/** Which of the two endpoints a prompt goes to. */
export function kindFor(
  prompt: Prompt,
  settings: EndpointSettings,
): AnswerKind {
  const api = settings.api ?? "auto";
  if (api === "chat") return "chat";
  if (typeof prompt === "string") return "text";
  if (api === "auto") return "chat";
  throw new AutodidactError(
    "USAGE",
    "A conversation cannot go to a completions endpoint: the chat template is not known there. Give the prompt as text, or set the endpoint's api to chat.",
    { api },
  );
}

export function pathFor(kind: AnswerKind): string {
  return kind === "chat" ? "/chat/completions" : "/completions";
}

/**
 * What a request gives the chat template, as fields of its own beside those that every
 * request has; nothing where it gives none, or there is no template.
 */
export function fieldsForTemplate(
  kind: AnswerKind,
  { tools, chat_template_kwargs: variables }: TemplateFields,
  { extraBody }: EndpointSettings,
): Fields {
  if (kind === "text") return {};
  const always = extraBody?.["chat_template_kwargs"];
  return {
    ...(tools == null || tools.length === 0 ? {} : { tools }),
    ...(variables == null || Object.keys(variables).length === 0
      ? {}
      : { chat_template_kwargs: { ...(always as object), ...variables } }),
  };
}

/** The prompt as the endpoint wants it. */
export function promptFields(kind: AnswerKind, prompt: Prompt): Fields {
  if (kind === "text") return { prompt };
  const messages: readonly ChatMessage[] =
    typeof prompt === "string" ? [{ role: "user", content: prompt }] : prompt;
  return {
    messages: messages.map(({ role, content, ...others }) => ({
      role,
      content,
      // Without them a server refuses the message that holds a tool's result.
      ...pick(others, ["tool_calls", "tool_call_id"]),
    })),
  };
}

function pick(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(
    names.filter((name) => name in fields).map((name) => [name, fields[name]]),
  );
}

/** The parameters that shape an answer, the maximum of tokens excepted. */
export function samplingFields(
  kind: AnswerKind,
  sampling: SamplingParameters,
  settings: EndpointSettings,
): Fields {
  const fields: Record<string, unknown> = {
    temperature: sampling.temperature,
    top_p: sampling.topP,
  };
  if (sampling.stop.length > 0) fields["stop"] = sampling.stop;
  if (sampling.topK > 0) fields["top_k"] = sampling.topK;
  const { presencePenalty = 0, frequencyPenalty = 0 } = sampling;
  if (presencePenalty !== 0) fields["presence_penalty"] = presencePenalty;
  if (frequencyPenalty !== 0) fields["frequency_penalty"] = frequencyPenalty;
  if (settings.logprobs === true) {
    fields["logprobs"] = kind === "chat" ? true : 0;
  }
  return { ...without(fields, settings.omit), ...settings.extraBody };
}

/** The field that limits the number of tokens. */
export function maxTokensFields(
  maxTokens: number,
  settings: EndpointSettings,
): Fields {
  return { [settings.maxTokensField ?? "max_tokens"]: maxTokens };
}

/** The fields without those that the server refuses. */
export function without(
  fields: Fields,
  omit: readonly string[] | undefined,
): Fields {
  if (omit === undefined || omit.length === 0) return fields;
  return Object.fromEntries(
    Object.entries(fields).filter(([name]) => !omit.includes(name)),
  );
}

/** UTF-8 bytes of all text in a prompt, and of the tools described beside it. */
export function promptBytes(prompt: Prompt, { tools }: Fields = {}): number {
  if (typeof prompt === "string") return Buffer.byteLength(prompt);
  return prompt.reduce(
    (sum, message) => sum + Buffer.byteLength(messageText(message)),
    tools === undefined ? 0 : Buffer.byteLength(JSON.stringify(tools)),
  );
}

/** The prompt's beginning, for people. */
export function promptStart(prompt: Prompt): string {
  const last = typeof prompt === "string" ? prompt : prompt.at(-1);
  return oneLine(
    typeof last === "object" ? messageText(last) : (last ?? ""),
    80,
  );
}
