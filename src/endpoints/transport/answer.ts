/**
 * @file From the body of an answer to texts, log-probabilities and usage.
 *
 * Reads what OpenAI's two endpoints and the servers that imitate them send, and forgives
 * what they leave out or write otherwise (usage, indexes, content in parts, a stream that
 * nobody asked for). Choices are put in the order of their index and a repeated index
 * counts once, whatever order they came in. A body that is not a whole, well-formed
 * answer gives a problem, never half an answer. Pure: the same body always gives the
 * same result.
 */
import { z } from "zod";
import { oneLine } from "../../text/harmless.js";
import { contentText } from "../dialects/content.js";
import { endingOf, type Ending } from "../dialects/endings.js";
import { errorOf } from "../dialects/error-body.js";
import { parsed } from "../dialects/json.js";
import { readUsage, type SaidUsage } from "../dialects/usage.js";
import { assembleStream, isStream } from "./event-stream.js";
import type { AnswerKind } from "./request-body.js";
import { defined } from "../../foundation/defined.js";

export interface TokenAlternatives {
  readonly token: string;
  readonly logprob: number;
  /** The likeliest tokens at this place, as far as they were asked for. */
  readonly top: readonly { readonly token: string; readonly logprob: number }[];
}

export interface Choice {
  readonly text: string;
  readonly ending: Ending;
  /** The server's own word for why it ended; absent where it says none. */
  readonly finishReason?: string;
  /** What went wrong, where the server failed in the middle of this one. */
  readonly error?: string;
  /** Each generated token, where log-probabilities were asked for and given. */
  readonly tokens?: readonly TokenAlternatives[];
}

export interface ParsedAnswer {
  /** At least one. */
  readonly choices: readonly Choice[];
  /** What the endpoint counted; absent where it does not count. */
  readonly usage?: SaidUsage;
}

const chatToken = z.object({ token: z.string(), logprob: z.number() });

/**
 * What both kinds of choices have. A member that a text can do without, and that is not
 * as it should be, is not there: it must not cost the text.
 */
const ending = {
  index: z.unknown().optional(),
  finish_reason: z.unknown().optional(),
  error: z.unknown().optional(),
};

const choiceShapes = {
  chat: z.object({
    ...ending,
    message: z
      .object({
        content: z.unknown().optional(),
        refusal: z.string().nullish().catch(undefined),
      })
      .nullish(),
    logprobs: z
      .object({
        content: z
          .array(
            chatToken.extend({ top_logprobs: z.array(chatToken).nullish() }),
          )
          .nullish(),
      })
      .nullish()
      .catch(undefined),
  }),
  text: z.object({
    ...ending,
    text: z.string().nullish(),
    logprobs: z
      .object({
        tokens: z.array(z.string()),
        token_logprobs: z.array(z.number().nullable()),
        top_logprobs: z
          .array(z.record(z.string(), z.number()).nullable())
          .nullish(),
      })
      .nullish()
      .catch(undefined),
  }),
};

const answerShapes = {
  chat: z.object({
    choices: z.array(choiceShapes.chat).min(1),
    usage: z.unknown().optional(),
  }),
  text: z.object({
    choices: z.array(choiceShapes.text).min(1),
    usage: z.unknown().optional(),
  }),
};

type ChatChoice = z.infer<typeof choiceShapes.chat>;
type TextChoice = z.infer<typeof choiceShapes.text>;

/** The answer, or in one phrase what is wrong with the body. */
export function parseAnswer(
  kind: AnswerKind,
  body: string,
): ParsedAnswer | string {
  const whole = isStream(body)
    ? assembleStream(kind, body)
    : { value: parsed(body) };
  if (typeof whole === "string") return whole;
  const { value } = whole;
  if (value === undefined) return "the answer is not JSON";
  const problem = errorInside(value);
  if (problem !== undefined)
    return `the answer has status 200 and an error inside: ${problem}`;
  return kind === "chat"
    ? shaped(value, answerShapes.chat, readChatChoice, "message")
    : shaped(value, answerShapes.text, readTextChoice, "text");
}

function shaped<Raw extends { readonly index?: unknown }>(
  value: unknown,
  shape: z.ZodType<{
    readonly choices: readonly Raw[];
    readonly usage?: unknown;
  }>,
  readChoice: (raw: Raw) => Choice | undefined,
  /** The member of a choice that has its words. */
  words: string,
): ParsedAnswer | string {
  const read = shape.safeParse(value);
  if (!read.success) return misshapen(read.error.issues[0]?.path.join("."));
  const raws = inOrder(read.data.choices);
  const choices = raws.map(readChoice);
  const missing = choices.indexOf(undefined);
  if (missing >= 0) return misshapen(`choices.${missing}.${words}`);
  const usage = readUsage(read.data.usage, value);
  return {
    choices: choices.filter((choice) => choice !== undefined),
    ...defined({ usage }),
  };
}

/** Undefined for a choice that has no message at all. */
function readChatChoice(raw: ChatChoice): Choice | undefined {
  const { message } = raw;
  const failed = endOf(raw);
  if (!message && failed.ending !== "failed") return undefined;
  const tokens = raw.logprobs?.content?.map((token) => ({
    token: token.token,
    logprob: token.logprob,
    top: token.top_logprobs ?? [],
  }));
  return {
    text: contentText(message?.content) ?? message?.refusal ?? "",
    ...failed,
    ...defined({ tokens }),
  };
}

function readTextChoice(raw: TextChoice): Choice | undefined {
  const told = raw.logprobs;
  const end = endOf(raw);
  if (typeof raw.text !== "string" && end.ending !== "failed") return undefined;
  const tokens = told?.tokens.map((token, place) => ({
    token,
    // The first token of an echoed prompt follows nothing: it has none.
    logprob: told.token_logprobs[place] ?? 0,
    top: Object.entries(told.top_logprobs?.[place] ?? {}).map(
      ([name, logprob]) => ({ token: name, logprob }),
    ),
  }));
  return {
    text: raw.text ?? "",
    ...end,
    ...defined({ tokens }),
  };
}

/** How a choice ended; with an error inside, it failed whatever its word. */
function endOf(
  raw: Pick<ChatChoice, "finish_reason" | "error">,
): Pick<Choice, "ending" | "finishReason" | "error"> {
  const { finish_reason: said = null } = raw;
  // An ending that is no word is one that nobody knows.
  const word =
    said === null || said === ""
      ? undefined
      : typeof said === "string"
        ? said
        : JSON.stringify(said);
  const error = errorInside(raw);
  return {
    ending: error === undefined ? endingOf(word) : "failed",
    ...defined({ finishReason: word, error }),
  };
}

function inOrder<T extends { readonly index?: unknown }>(
  choices: readonly T[],
): readonly T[] {
  if (choices.length === 1) return choices;
  const byIndex = new Map<number, T>();
  choices.forEach((choice, place) => {
    const { index } = choice;
    const key =
      typeof index === "number" && Number.isInteger(index) ? index : place;
    if (!byIndex.has(key)) byIndex.set(key, choice);
  });
  return [...byIndex].sort(([a], [b]) => a - b).map(([, choice]) => choice);
}

/** What an `error` member says, on one line; some gateways send errors with status 200. */
function errorInside(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || !("error" in value))
    return undefined;
  const { error } = value;
  return error === null || error === undefined || error === ""
    ? undefined
    : oneLine(errorOf(value, JSON.stringify(error)).message);
}

function misshapen(place = ""): string {
  return `the answer is not an OpenAI-compatible completion${place === "" ? "" : ` ("${place}" is missing or wrong)`}`;
}
