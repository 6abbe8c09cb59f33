/**
 * @file What is found out about an endpoint: a verdict, and what a failure makes it.
 */
import type { DialectName } from "./dialects/dialect.js";
import type { FailureKind } from "./dialects/failure-kinds.js";
import type { Failure } from "./transport/failure.js";

export type EndpointVerdict =
  | "ready"
  /** It answers, and lists no models: only a request for a token tells more. */
  | "unlisted"
  /** The host has no address. */
  | "no-such-host"
  /** Nobody listens at the port, or there is no way to it. */
  | "refused"
  /** No answer in time. */
  | "silent"
  /** TLS does not work out: certificate, or https to an http port. */
  | "tls"
  /** The address is another one now, or a login stands before it. */
  | "moved"
  /** Something answers, but not an OpenAI-compatible API. */
  | "not-an-api"
  | "wrong-key"
  | "wrong-model"
  /** The model is there, and answers nothing but plain prompts. */
  | "no-chat"
  /** The model is there, and answers nothing but conversations. */
  | "no-completions"
  | "context-too-long"
  | "no-credit"
  | "overloaded"
  /** Anything else it did wrong. */
  | "failing";

/** What would help next, for who knows how it is said: a command, a program. */
export type Advice =
  /** No model was named. */
  | "name-a-model"
  /** A request for one token would tell what is open. */
  | "ask-for-a-token"
  /** The model continues plain prompts only. */
  | "plain-prompts";

export interface EndpointDiagnosis {
  readonly verdict: EndpointVerdict;
  /** What was found and what to do, for people. */
  readonly message: string;
  readonly advice?: Advice;
  readonly endpoint: string;
  /** Empty when none was named. */
  readonly model: string;
  /** Models that the endpoint says it has. */
  readonly models: readonly string[];
  /** Longest prompt with its answer in tokens, where the endpoint tells. */
  readonly contextLength?: number;
  /** How it is spoken to: as set, or found out. */
  readonly dialect: DialectName;
  /** The field for the maximum of tokens, as far as is known. */
  readonly maxTokensField: string;
  /** Fields that are left out. */
  readonly omit: readonly string[];
  /** Of the examination. */
  readonly milliseconds: number;
}

/** Refusals of the list that would meet every other request as well. */
export const ENDS_HERE: ReadonlySet<FailureKind> = new Set([
  "wrong-key",
  "no-credit",
  "moved",
  "tls",
]);

/** Refusals of the list with which a server may say that it has none, or not for this key. */
export const MAY_HAVE_NO_LIST: ReadonlySet<FailureKind> = new Set([
  "wrong-address",
  "wrong-key",
  "refused",
  "again",
]);

const VERDICTS: Readonly<Record<FailureKind, EndpointVerdict>> = {
  again: "failing",
  slow: "silent",
  overloaded: "overloaded",
  unreachable: "refused",
  "wrong-key": "wrong-key",
  "wrong-model": "wrong-model",
  "no-chat": "no-chat",
  "no-completions": "no-completions",
  "context-too-long": "context-too-long",
  "no-credit": "no-credit",
  tls: "tls",
  moved: "moved",
  unreadable: "not-an-api",
  moderated: "failing",
  "wrong-address": "not-an-api",
  refused: "failing",
};

export function verdictOf(failure: Failure): EndpointVerdict {
  if (failure.code === "ENOTFOUND" || failure.code === "EAI_AGAIN")
    return "no-such-host";
  return VERDICTS[failure.kind];
}
