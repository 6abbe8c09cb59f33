/**
 * @file Asks a model for one token, to find out whether it answers and how it wants to
 * be asked: a chat first, plain text where it takes no chats, without fields that it
 * refuses.
 */
import type { SpokenBody } from "./dialects/spoken-body.js";
import { askOnce } from "./transport/ask-once.js";
import type { EndpointSettings } from "./transport/endpoint-settings.js";
import {
  failureOfContent,
  failureOfStatus,
  isPage,
  isRefusal,
} from "./transport/failure.js";
import type { Failure, HttpAnswer } from "./transport/failure.js";
import {
  kindFor,
  maxTokensFields,
  pathFor,
  promptFields,
} from "./transport/request-body.js";
import { wholeAnswer } from "./transport/whole-answer.js";
import type { Transport } from "./transport/transport.js";

export type OneToken = {
  /** What had to be learned about the fields, for people. */
  readonly lessons: readonly string[];
} & (
  | { readonly answered: "chat" | "completions" }
  | { readonly failure: Failure }
  /** Not what an API says. */
  | { readonly stranger: HttpAnswer; readonly path: string }
);

export interface OneTokenParts {
  readonly settings: EndpointSettings;
  readonly transport: Transport;
  readonly spoken: SpokenBody;
  readonly allowedMs: number;
}

export async function askForOneToken(parts: OneTokenParts): Promise<OneToken> {
  const { settings } = parts;
  const lessons: string[] = [];
  let api: "chat" | "completions" =
    settings.api === "completions" ? "completions" : "chat";
  for (;;) {
    const tried = await attempt(parts, api);
    if ("lesson" in tried) lessons.push(tried.lesson);
    else if (
      "failure" in tried &&
      tried.failure.kind === "no-chat" &&
      (settings.api ?? "auto") === "auto" &&
      api === "chat"
    )
      api = "completions";
    else return { lessons, ...tried };
  }
}

type Attempt =
  | { readonly lesson: string }
  | { readonly answered: "chat" | "completions" }
  | { readonly failure: Failure }
  | { readonly stranger: HttpAnswer; readonly path: string };

async function attempt(
  { settings, transport, spoken, allowedMs }: OneTokenParts,
  api: "chat" | "completions",
): Promise<Attempt> {
  const prompt = "Hello";
  const kind = kindFor(prompt, { ...settings, api });
  const path = pathFor(kind);
  const body = spoken.of({
    model: settings.model,
    ...promptFields(kind, prompt),
    ...maxTokensFields(1, settings),
    ...settings.extraBody,
  });
  const request = { method: "POST", path, body: JSON.stringify(body) } as const;
  const answer = await askOnce(transport, request, allowedMs);
  if ("kind" in answer) return { failure: answer };
  if (isRefusal(answer)) {
    const failure = failureOfStatus(answer, Date.now());
    const lesson = failure.said && spoken.learn(failure.said, body);
    if (lesson !== undefined) return { lesson };
    return isPage(answer) && failure.kind === "wrong-address"
      ? { stranger: answer, path }
      : { failure };
  }
  const whole = wholeAnswer(kind, answer.text, transport.redact);
  if (!("problem" in whole)) return { answered: api };
  const failure = failureOfContent(whole, answer);
  return failure.said === undefined ? { stranger: answer, path } : { failure };
}
