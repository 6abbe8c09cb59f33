/**
 * @file From the body of an answer to texts, log-probabilities and usage.
 *
 * Reads what OpenAI's two endpoints and the servers that imitate them send, and forgives
 * what they leave out, put elsewhere or write otherwise (usage, indexes, content in parts,
 * a stream that nobody asked for). Choices are put in the order of their index and a
 * repeated index counts once, whatever order they came in. A body that is not a whole,
 * well-formed answer gives a problem, never half an answer. Pure: the same body always
 * gives the same result.
 */
import { z } from "zod";
import { oneLine } from "../../text/harmless.js";
import { placesIn, type PlacedChoice } from "../dialects/answer-places.js";
import { endingOf, endingWord, type Ending } from "../dialects/endings.js";
import { bareError, errorOf, saidError } from "../dialects/error-body.js";
import { member, parsed } from "../dialects/json.js";
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
  /** The server's word for why it ended, or what its message shows; absent where it says none. */
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

/** Log-probabilities as the endpoints of chats and of plain text give them. */
const chatLogprobs = z.object({
  content: z.array(
    chatToken.extend({ top_logprobs: z.array(chatToken).nullish() }),
  ),
});
const textLogprobs = z.object({
  tokens: z.array(z.string()),
  token_logprobs: z.array(z.number().nullable()),
  top_logprobs: z.array(z.record(z.string(), z.number()).nullable()).nullish(),
});

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
  if (problem !== undefined) return withErrorInside(problem);
  const found = placesIn(value);
  if (found === undefined) {
    const bare = bareError(value);
    return bare === undefined
      ? misshapen("choices")
      : withErrorInside(errorOf(bare, body).message);
  }
  const choices = inOrder(found.choices).map(readChoice);
  const missing = choices.indexOf(undefined);
  if (missing >= 0)
    return misshapen(
      `choices.${missing}.${kind === "chat" ? "message" : "text"}`,
    );
  const usage = readUsage(found.usage, value);
  return {
    choices: choices.filter((choice) => choice !== undefined),
    ...defined({ usage }),
  };
}

/** Undefined for a choice without words, whose message has none or some of no known shape. */
function readChoice(placed: PlacedChoice): Choice | undefined {
  const { whole, words, message } = placed;
  const refusal = member(message, "refusal");
  const isRefused = !words && typeof refusal === "string" && refusal !== "";
  const end = endOf(placed, isRefused ? "refusal" : toolIn(message));
  const isStrange =
    words === undefined && (!message || Boolean(member(message, "content")));
  if (isStrange && end.ending !== "failed") return undefined;
  const tokens = tokensIn(member(whole, "logprobs"));
  return {
    text: isRefused ? refusal : (words ?? ""),
    ...end,
    ...defined({ tokens }),
  };
}

/** The word for an end that a message shows whatever it is called: a tool is to be run. */
function toolIn(message: unknown): string | undefined {
  const calls = member(message, "tool_calls");
  return (Array.isArray(calls) && calls.length > 0) ||
    Boolean(member(message, "function_call"))
    ? "tool_calls"
    : undefined;
}

function tokensIn(logprobs: unknown): readonly TokenAlternatives[] | undefined {
  const chat = chatLogprobs.safeParse(logprobs).data;
  if (chat !== undefined)
    return chat.content.map(({ token, logprob, top_logprobs }) => ({
      ...{ token, logprob },
      top: top_logprobs ?? [],
    }));
  const text = textLogprobs.safeParse(logprobs).data;
  return text?.tokens.map((token, place) => ({
    token,
    // The first token of an echoed prompt follows nothing: it has none.
    logprob: text.token_logprobs[place] ?? 0,
    top: Object.entries(text.top_logprobs?.[place] ?? {}).map(
      ([name, logprob]) => ({ token: name, logprob }),
    ),
  }));
}

/**
 * How a choice ended; with an error inside, it failed whatever its word.
 * @param shown the word for an end that the message shows
 */
function endOf(
  { whole, ending: said }: PlacedChoice,
  shown: string | undefined,
): Pick<Choice, "ending" | "finishReason" | "error"> {
  const own = endingWord(said);
  const word = endingOf(own) === "complete" ? (shown ?? own) : own;
  const error = errorInside(whole);
  return {
    ending: error === undefined ? endingOf(word) : "failed",
    ...defined({ finishReason: word, error }),
  };
}

function inOrder(choices: readonly PlacedChoice[]): readonly PlacedChoice[] {
  if (choices.length === 1) return choices;
  const byIndex = new Map<number, PlacedChoice>();
  choices.forEach((choice, place) => {
    const index = member(choice.whole, "index");
    const key =
      typeof index === "number" && Number.isInteger(index) ? index : place;
    if (!byIndex.has(key)) byIndex.set(key, choice);
  });
  return [...byIndex].sort(([a], [b]) => a - b).map(([, choice]) => choice);
}

/** What an `error` member says, on one line; some gateways send errors with status 200. */
function errorInside(value: unknown): string | undefined {
  const error = saidError(value);
  return error === undefined
    ? undefined
    : oneLine(errorOf(value, JSON.stringify(error)).message);
}

function withErrorInside(problem: string): string {
  return `the answer has status 200 and an error inside: ${oneLine(problem)}`;
}

function misshapen(place: string): string {
  return `the answer is not an OpenAI-compatible completion ("${place}" is missing or wrong)`;
}
