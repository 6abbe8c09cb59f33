/**
 * @file The body of an answer as it is kept, and what can be read in it.
 *
 * The transport masks secrets in a body as it came. A secret that came in pieces (of a
 * stream, of content in parts, token by token) shows only when they are joined, so what
 * is joined is masked again: a stream is kept put together, and a body whose joined text
 * held a secret is kept as that text alone.
 */
import { defined } from "../../foundation/defined.js";
import { member, parsed } from "../dialects/json.js";
import { readUsage, type SaidUsage } from "../dialects/usage.js";
import { parseAnswer, type Choice, type ParsedAnswer } from "./answer.js";
import { assembleStream, isStream } from "./event-stream.js";
import type { AnswerKind } from "./request-body.js";

export interface WholeAnswer {
  /** The body to keep; reading it again gives the same answer. */
  readonly text: string;
  readonly answer: ParsedAnswer;
}

/** A body that is no answer. */
export interface NoAnswer {
  /** In one phrase, what is wrong with it. */
  readonly problem: string;
  /** The body as it may be shown and kept. */
  readonly text: string;
  /** It did not break off: what it is will not be different the next time. */
  readonly isWhole: boolean;
  readonly usage?: SaidUsage;
}

/** @param redact takes secrets out of a text */
export function wholeAnswer(
  kind: AnswerKind,
  body: string,
  redact: (text: string) => string,
): WholeAnswer | NoAnswer {
  const stream = isStream(body) ? assembleStream(kind, body) : undefined;
  // A stream that broke off is in pieces, which nothing can be found in.
  if (typeof stream === "string")
    return { problem: stream, text: "", isWhole: false };
  const text =
    stream === undefined ? body : redact(JSON.stringify(stream.value));
  const answer = parseAnswer(kind, text);
  if (typeof answer === "string") {
    const value = parsed(text);
    return {
      ...{ problem: answer, text: stream === undefined ? text : body },
      isWhole: value !== undefined || !brokeOff(text),
      ...defined({ usage: readUsage(member(value, "usage"), value) }),
    };
  }
  const choices = answer.choices.map((choice) => masked(choice, redact));
  if (choices.every((choice, place) => choice === answer.choices[place]))
    return { text, answer };
  const usage = member(parsed(text), "usage");
  return {
    text: JSON.stringify({ choices: choices.map(bodyOf(kind)), usage }),
    answer: { ...answer, choices },
  };
}

/** Whether a text that is not JSON begins as JSON does, and does not end with a line of it. */
function brokeOff(text: string): boolean {
  const last = /\n(\{[^\n]*)$/.exec(text.trimEnd())?.[1];
  return /^\s*[[{"]/.test(text) && parsed(last ?? "") === undefined;
}

/** The choice itself, or without the secret that its pieces make. */
function masked(choice: Choice, redact: (text: string) => string): Choice {
  const { tokens = [], ...rest } = choice;
  const joined = tokens.map(({ token }) => token).join("");
  const text = redact(choice.text);
  return text === choice.text && redact(joined) === joined
    ? choice
    : { ...rest, text };
}

function bodyOf(kind: AnswerKind): (choice: Choice, index: number) => object {
  return ({ text, finishReason, error }, index) => ({
    index,
    finish_reason: finishReason,
    error,
    ...(kind === "chat" ? { message: { content: text } } : { text }),
  });
}
