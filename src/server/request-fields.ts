/**
 * @file The fields of requests: OpenAI's, and those that vLLM's users know beside them.
 *
 * A field that would change an answer and that nothing here follows is refused by name,
 * unless its value asks for nothing; one that changes no answer (`user`, `metadata`) is
 * passed over, as OpenAI does; one that nobody knows is refused.
 */
import { z } from "zod";
import { ApiError } from "./api-error.js";

/** Most of the likeliest tokens that are told. */
const MOST_ALTERNATIVES = 20;
const MOST_STOPS = 16;

/** Accepted where it asks for nothing: null, or one of these values. */
const unsupported = (...neutral: readonly unknown[]) => {
  const allowed = new Set(neutral.map((value) => JSON.stringify(value)));
  return z
    .unknown()
    .refine((value) => value === null || allowed.has(JSON.stringify(value)), {
      error: "is not supported by this server; leave it out",
      params: { code: "unsupported_parameter" },
    })
    .optional();
};

const passedOver = z.unknown().optional();

const stopText = z.string().min(1);

const sampling = {
  model: z.string(),
  n: z.int().min(1).max(128).nullish(),
  seed: z.int().nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.int().min(-1).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  stop: z
    .union([
      stopText.transform((text) => [text]),
      z.array(stopText).max(MOST_STOPS),
    ])
    .nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().optional() }).nullish(),
  logit_bias: unsupported({}),
  min_p: unsupported(0),
  repetition_penalty: unsupported(1),
  user: passedOver,
  metadata: passedOver,
  store: passedOver,
  service_tier: passedOver,
  safety_identifier: passedOver,
  prompt_cache_key: passedOver,
};

const tokenIds = z.array(z.int().min(0)).min(1);

export const completionFields = z.strictObject({
  ...sampling,
  prompt: z.union([
    z.string().transform((text) => [text]),
    tokenIds.transform((ids) => [ids]),
    z.array(z.string()).min(1),
    z.array(tokenIds).min(1),
  ]),
  max_tokens: z.int().min(0).nullish(),
  echo: z.boolean().nullish(),
  logprobs: z.int().min(0).max(MOST_ALTERNATIVES).nullish(),
  /** Of vLLM: whether the tokenizer adds its own to a text. */
  add_special_tokens: z.boolean().nullish(),
  best_of: unsupported(1),
  suffix: unsupported(""),
});

const textPart = z.object({ type: z.literal("text"), text: z.string() });

const message = z.looseObject({
  role: z.enum(["system", "developer", "user", "assistant", "tool"]),
  content: z
    .union([
      z.string(),
      z
        .array(textPart)
        .transform((parts) => parts.map(({ text }) => text).join("\n")),
    ])
    .nullish(),
});

export const chatFields = z.strictObject({
  ...sampling,
  messages: z.array(message).min(1),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(MOST_ALTERNATIVES).nullish(),
  /** For the chat template; calls are not read out of answers. */
  tools: z.array(z.unknown()).nullish(),
  /** Of vLLM: variables of the chat template's own. */
  chat_template_kwargs: z.record(z.string(), z.unknown()).nullish(),
  tool_choice: unsupported("auto", "none"),
  parallel_tool_calls: passedOver,
  response_format: unsupported({ type: "text" }),
  modalities: unsupported(["text"]),
  functions: unsupported([]),
  function_call: unsupported("auto", "none"),
  reasoning_effort: unsupported("none"),
  audio: unsupported(),
  prediction: unsupported(),
  verbosity: unsupported("medium"),
  web_search_options: unsupported(),
});

export type CompletionFields = z.infer<typeof completionFields>;
export type ChatFields = z.infer<typeof chatFields>;
export type SamplingFields = Pick<
  ChatFields & CompletionFields,
  keyof typeof sampling
>;

/** The fields of a body. @throws ApiError naming the first that is wrong */
export function readFields<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0] as z.core.$ZodIssue;
  if (issue.code === "unrecognized_keys") {
    const param = issue.keys[0] ?? null;
    throw new ApiError(400, `Unknown parameter: '${param}'.`, {
      param,
      code: "unknown_parameter",
    });
  }
  const param = pathText(issue.path);
  const given: unknown =
    issue.code === "custom" ? issue.params?.["code"] : undefined;
  throw new ApiError(
    400,
    typeof given === "string"
      ? `'${param}' ${issue.message}.`
      : `Invalid value for '${param}': ${issue.message}.`,
    { param, code: typeof given === "string" ? given : "invalid_value" },
  );
}

/** messages[0].content */
function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? String(key) : `${text}.${String(key)}`;
  }, "");
}
