/**
 * @file From the body of an answer to texts, log-probabilities and usage.
 *
 * Reads what OpenAI's two endpoints and the servers that imitate them send, and
 * forgives what they leave out (usage, indexes). Choices are put in the order of
 * their index and a repeated index counts once, whatever order they came in. A
 * body that is not a whole, well-formed answer gives a problem, never half an
 * answer. Pure: the same body always gives the same result.
 */
import { z } from "zod";
import { assembleStream } from "./event-stream.js";

/** "chat" is /chat/completions, "text" is /completions. */
export type AnswerKind = "chat" | "text";

export interface TokenAlternatives {
  readonly token: string;
  readonly logprob: number;
  /** The likeliest tokens at this place, as far as they were asked for. */
  readonly top: readonly { readonly token: string; readonly logprob: number }[];
}

export interface Choice {
  readonly text: string;
  /** Why it ended: "stop", "length", or the server's own word. */
  readonly finishReason: string;
  /** Each generated token, where log-probabilities were asked for and given. */
  readonly tokens?: readonly TokenAlternatives[];
}

export interface ParsedAnswer {
  /** At least one. */
  readonly choices: readonly Choice[];
  /** What the endpoint counted; absent where it does not count. */
  readonly usage?: {
    readonly promptTokens: number;
    readonly cachedPromptTokens: number;
    readonly completionTokens: number;
  };
}

const count = z.int().nonnegative();

const usageShape = z.object({
  prompt_tokens: count,
  completion_tokens: count.nullish(),
  prompt_tokens_details: z.object({ cached_tokens: count.nullish() }).nullish(),
});

const chatToken = z.object({ token: z.string(), logprob: z.number() });

const chatShape = z.object({
  choices: z
    .array(
      z.object({
        index: count.optional(),
        message: z.object({
          content: z.string().nullish(),
          refusal: z.string().nullish(),
        }),
        finish_reason: z.string().nullish(),
        logprobs: z
          .object({
            content: z
              .array(
                chatToken.extend({
                  top_logprobs: z.array(chatToken).nullish(),
                }),
              )
              .nullish(),
          })
          .nullish(),
      }),
    )
    .min(1),
  usage: usageShape.nullish(),
});

const textShape = z.object({
  choices: z
    .array(
      z.object({
        index: count.optional(),
        text: z.string(),
        finish_reason: z.string().nullish(),
        logprobs: z
          .object({
            tokens: z.array(z.string()),
            token_logprobs: z.array(z.number().nullable()),
            top_logprobs: z
              .array(z.record(z.string(), z.number()).nullable())
              .nullish(),
          })
          .nullish(),
      }),
    )
    .min(1),
  usage: usageShape.nullish(),
});

/**
 * The answer, or in one phrase what is wrong with the body.
 * @param streamed the body is a stream of events, because that was asked for
 */
export function parseAnswer(
  kind: AnswerKind,
  body: string,
  streamed = false,
): ParsedAnswer | string {
  const whole = streamed ? assembleStream(kind, body) : parseJson(body);
  if (typeof whole === "string") return whole;
  const { value } = whole;
  const problem = errorInside(value);
  if (problem !== undefined) return problem;
  return kind === "chat" ? parseChat(value) : parseText(value);
}

function parseJson(body: string): { readonly value: unknown } | string {
  try {
    return { value: JSON.parse(body) as unknown };
  } catch {
    return "the answer is not JSON";
  }
}

function parseChat(value: unknown): ParsedAnswer | string {
  const parsed = chatShape.safeParse(value);
  if (!parsed.success) return misshapen(parsed.error);
  const choices = inOrder(parsed.data.choices).map((choice): Choice => {
    const tokens = choice.logprobs?.content?.map((token) => ({
      token: token.token,
      logprob: token.logprob,
      top: token.top_logprobs ?? [],
    }));
    return {
      text: choice.message.content ?? choice.message.refusal ?? "",
      finishReason: choice.finish_reason ?? "stop",
      ...(tokens === undefined ? {} : { tokens }),
    };
  });
  return withUsage(choices, parsed.data.usage);
}

function parseText(value: unknown): ParsedAnswer | string {
  const parsed = textShape.safeParse(value);
  if (!parsed.success) return misshapen(parsed.error);
  const choices = inOrder(parsed.data.choices).map((choice): Choice => {
    const told = choice.logprobs;
    const tokens = told?.tokens.map((token, place) => ({
      token,
      // The first token of an echoed prompt follows nothing: it has none.
      logprob: told.token_logprobs[place] ?? 0,
      top: Object.entries(told.top_logprobs?.[place] ?? {}).map(
        ([name, logprob]) => ({ token: name, logprob }),
      ),
    }));
    return {
      text: choice.text,
      finishReason: choice.finish_reason ?? "stop",
      ...(tokens === undefined ? {} : { tokens }),
    };
  });
  return withUsage(choices, parsed.data.usage);
}

function inOrder<T extends { readonly index?: number | undefined }>(
  choices: readonly T[],
): readonly T[] {
  if (choices.length === 1) return choices;
  const byIndex = new Map<number, T>();
  choices.forEach((choice, place) => {
    const index = choice.index ?? place;
    if (!byIndex.has(index)) byIndex.set(index, choice);
  });
  return [...byIndex].sort(([a], [b]) => a - b).map(([, choice]) => choice);
}

function withUsage(
  choices: readonly Choice[],
  usage: z.infer<typeof usageShape> | null | undefined,
): ParsedAnswer {
  if (usage === null || usage === undefined) return { choices };
  return {
    choices,
    usage: {
      promptTokens: usage.prompt_tokens,
      cachedPromptTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
      completionTokens: usage.completion_tokens ?? 0,
    },
  };
}

/** Some gateways send errors with status 200. */
function errorInside(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || !("error" in value))
    return undefined;
  const { error } = value;
  if (error === null || error === undefined) return undefined;
  const told =
    typeof error === "object" && "message" in error ? error.message : error;
  const words = typeof told === "string" ? told : JSON.stringify(told);
  return `the answer has status 200 and an error inside: ${words.slice(0, 300)}`;
}

function misshapen(error: z.ZodError): string {
  const [first] = error.issues;
  const place = first?.path.join(".") ?? "";
  return `the answer is not an OpenAI-compatible completion${place === "" ? "" : ` ("${place}" is missing or wrong)`}`;
}
