/**
 * @file What went wrong with a request, and whether asking again can help.
 *
 * The class of a failure decides everything that follows: `again` and `slow` are
 * tried anew a few times where one request meets them, and for as long as patience
 * lasts where all do; `overloaded` and `unreachable` for as long as patience lasts
 * (seconds where nothing ever answered); the rest never, because the same request
 * would be refused the same way. No failure is ever kept as an answer.
 */
import { AutodidactError } from "../../foundation/error.js";
import type { ErrorDetails } from "../../foundation/error.js";
import type { Refusal } from "../../generation/request-refusal.js";
import { oneLine } from "../../text/harmless.js";
import { parseRetryAfter } from "./retry-pause.js";

export type FailureKind =
  /** 408, 409, 5xx, a broken or unreadable answer: may well work next time. */
  | "again"
  /** 429, 503, 529: the endpoint has too much to do. */
  | "overloaded"
  /** No answer in the time allowed: it hangs, or has too much to do. */
  | "slow"
  /** Connection refused, no such host, no route. */
  | "unreachable"
  /** 401, 403. */
  | "wrong-key"
  /** 404 or 400 that names the model. */
  | "wrong-model"
  /** The model has no chat template, or is served for completions only. */
  | "no-chat"
  /** The model is served for chats only. */
  | "no-completions"
  /** Prompt and answer do not fit into the model's context. */
  | "context-too-long"
  /** 402, or 429 that says that the money is used up. */
  | "no-credit"
  /** 404 and 405 otherwise, redirects: not the address of an API. */
  | "wrong-address"
  /** 400 and 422 otherwise. */
  | "refused";

export interface Failure {
  readonly kind: FailureKind;
  /** One line: what the endpoint did. No secret in it. */
  readonly evidence: string;
  /** HTTP status; absent when there was no answer. */
  readonly status?: number;
  /** How long the endpoint asked us to stay away, milliseconds. */
  readonly retryAfterMs?: number;
  /** The endpoint may have done the work, and may charge for it. */
  readonly maybeBilled: boolean;
}

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

/** Kinds for which the same request is sent again. */
export function deservesRetry(kind: FailureKind): boolean {
  return (
    kind === "again" ||
    kind === "slow" ||
    kind === "overloaded" ||
    kind === "unreachable"
  );
}

/** Kinds that every other request to this endpoint would meet as well. */
export function concernsAll(kind: FailureKind): boolean {
  return (
    kind === "wrong-key" ||
    kind === "wrong-model" ||
    kind === "no-chat" ||
    kind === "no-completions" ||
    kind === "no-credit" ||
    kind === "wrong-address" ||
    kind === "unreachable"
  );
}

/** Classifies an answer whose status is not 2xx. @param now milliseconds since 1970 */
export function failureOfStatus(answer: HttpAnswer, now: number): Failure {
  const { status } = answer;
  const said = oneLine(errorMessageIn(answer.text));
  const retryAfterMs = parseRetryAfter(answer.retryAfter, now);
  return {
    kind: kindOfStatus(status, answer.text),
    evidence: `HTTP ${status}${said === "" ? "" : `: ${said}`}`,
    status,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    maybeBilled: status === 408 || status === 504,
  };
}

const CONTEXT =
  /context.?length|context.?window|context_length_exceeded|maximum context|max_model_len|exceed\w*\b.{0,40}\b(context|tokens)|prompt is too long|too many tokens|input is too long/i;
const MODEL =
  /model_not_found|invalid model|unknown model|no such model|model\b.{0,160}\b(not found|does not exist|not exist|not supported|not available|not loaded|invalid)|pinned to/is;
/** OpenAI, vLLM, transformers, llama.cpp, Ollama and TGI, in this order. */
const NO_CHAT =
  /not a chat model|chat.?template\b.{0,120}\b(no longer allowed|must provide)|chat.?template\b.{0,60}\b(not (set|found|defined|supported)|missing|required)|no chat.?template|custom template is not supported|does not (have|support) (a )?chat\b|template not found/is;
const NO_COMPLETIONS =
  /not supported in the v1\/completions endpoint|mean to use v1\/chat\/completions|only supported in v1\/chat\/completions|does not support (text )?completions?\b/i;
const CREDIT =
  /insufficient_quota|billing|credit balance|exceeded your current quota/i;

function kindOfStatus(status: number, text: string): FailureKind {
  if (status === 401 || status === 403) return "wrong-key";
  if (status === 402) return "no-credit";
  if (status === 429) return CREDIT.test(text) ? "no-credit" : "overloaded";
  const explained = text.slice(0, 4096);
  // Some servers answer 500 when they have no template: asking again does not help.
  if (status >= 400 && NO_CHAT.test(explained)) return "no-chat";
  if (status >= 400 && NO_COMPLETIONS.test(explained)) return "no-completions";
  if (status === 503 || status === 529) return "overloaded";
  if (status === 408 || status === 409 || status === 425 || status >= 500)
    return "again";
  if (CONTEXT.test(explained) || status === 413) return "context-too-long";
  if (MODEL.test(explained)) return "wrong-model";
  if (status === 404 || status === 405 || status === 410 || status < 400)
    return "wrong-address";
  return "refused";
}

const UNREACHABLE: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EHOSTDOWN",
  "ENETDOWN",
  "EADDRNOTAVAIL",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** Classifies what was thrown instead of an answer. */
export function failureOfError(cause: unknown): Failure {
  const code = codeOf(cause);
  const message = cause instanceof Error ? cause.message : String(cause);
  const unreachable = UNREACHABLE.has(code);
  return {
    kind: unreachable ? "unreachable" : "again",
    evidence: oneLine(
      code === "" || message.includes(code) ? message : `${code}: ${message}`,
    ),
    // A connection that broke later may have delivered the request.
    maybeBilled: !unreachable,
  };
}

/** The system's or the client's code of a network error, of its cause if it has none. */
export function codeOf(cause: unknown): string {
  for (let error = cause; error instanceof Error; error = error.cause) {
    if ("code" in error && typeof error.code === "string") return error.code;
    if (error instanceof AggregateError) return codeOf(error.errors[0]);
  }
  return "";
}

/** The answer came but is of no use. */
export function failureOfContent(problem: string, text: string): Failure {
  const start = oneLine(text);
  return {
    kind: "again",
    evidence: `${problem}${start === "" ? "" : ` (it begins "${start}")`}`,
    status: 200,
    maybeBilled: true,
  };
}

export function failureOfTimeOut(milliseconds: number): Failure {
  return {
    kind: "slow",
    evidence: `no answer in ${Math.round(milliseconds / 100) / 10} s`,
    maybeBilled: true,
  };
}

/** What the server's own words are, out of the common shapes of error bodies. */
function errorMessageIn(text: string): string {
  if (/^\s*</.test(text)) return "an HTML page";
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return text;
  }
  const member = (value: unknown, key: string): unknown =>
    typeof value === "object" && value !== null
      ? (value as Record<string, unknown>)[key]
      : undefined;
  const error = member(body, "error");
  const said =
    member(error, "message") ??
    (typeof error === "string" ? error : undefined) ??
    member(body, "message") ??
    member(body, "detail");
  return typeof said === "string" ? said : text;
}

export interface FailureContext {
  readonly endpoint: string;
  readonly model: string;
  /** Variable the key came from; absent when none was sent. */
  readonly keyVariable?: string;
  /** Times the request was sent. */
  readonly attempts: number;
  /** The endpoint has answered other requests of this process. */
  readonly answered: boolean;
  /** Nothing else was answered meanwhile: it was given up for everybody. */
  readonly outage: boolean;
}

/** The error a user sees: what happened, what was expected, what to do. */
export function endpointError(
  failure: Failure,
  context: FailureContext,
): AutodidactError {
  const { endpoint, model, attempts } = context;
  const details: ErrorDetails = {
    failure: failure.kind,
    endpoint,
    model,
    attempts,
    evidence: failure.evidence,
    ...(context.outage ? { outage: true } : {}),
    ...refusal(failure.kind, context.outage),
    ...(failure.status === undefined ? {} : { status: failure.status }),
  };
  return new AutodidactError(
    "ENDPOINT",
    `${sentenceOf(failure, context)} ${remedyOf(failure.kind, context)}`,
    details,
  );
}

/** Whether the failure is about this request only (`refusalOf` reads it). */
function refusal(
  kind: FailureKind,
  outage: boolean,
): { readonly refusal?: Refusal } {
  if (outage || concernsAll(kind)) return {};
  return { refusal: deservesRetry(kind) ? "may-pass" : "final" };
}

function sentenceOf(failure: Failure, context: FailureContext): string {
  const { endpoint, model, attempts } = context;
  const times = attempts === 1 ? "" : ` after ${attempts} attempts`;
  const evidence = failure.evidence.replace(/\.$/, "");
  switch (failure.kind) {
    case "unreachable":
      return `The endpoint ${endpoint} cannot be reached${times} (${evidence}).`;
    case "wrong-key":
      return `The endpoint ${endpoint} refused the key (${evidence}).`;
    case "wrong-model":
      return `The endpoint ${endpoint} does not serve the model "${model}" (${evidence}).`;
    case "no-chat":
      return `The endpoint ${endpoint} serves the model "${model}" for plain completions only, and was asked to chat (${evidence}).`;
    case "no-completions":
      return `The endpoint ${endpoint} serves the model "${model}" for chats only, and was asked to continue plain text (${evidence}).`;
    case "context-too-long":
      return `A prompt with its answer is too long for the model "${model}" (${evidence}).`;
    case "no-credit":
      return `The account at ${endpoint} has no credit left (${evidence}).`;
    case "wrong-address":
      return `${endpoint} does not answer like an OpenAI-compatible API (${evidence}).`;
    case "refused":
      return `The endpoint ${endpoint} refused the request (${evidence}).`;
    case "overloaded":
      return `The endpoint ${endpoint} is overloaded and did not answer${times} (${evidence}).`;
    case "slow":
    case "again":
      return `The endpoint ${endpoint} failed${times} (${evidence}).`;
  }
}

function remedyOf(kind: FailureKind, context: FailureContext): string {
  const kept = context.answered ? "; everything answered so far is kept" : "";
  switch (kind) {
    case "unreachable":
      return `Start the server, or correct the address${kept}.`;
    case "wrong-key":
      return context.keyVariable === undefined
        ? "No key was sent: name the environment variable that holds it."
        : `The key came from ${context.keyVariable}: check that it is current and belongs to this endpoint.`;
    case "wrong-model":
      return "`autodidact doctor --endpoint …` lists the models that are there.";
    case "no-chat":
      return "Give it plain prompts: --style completion. Or serve it with a chat template.";
    case "no-completions":
      return "Give it conversations: --style chat.";
    case "context-too-long":
      return "Lower the maximum number of tokens, shorten the prompt, or serve the model with a longer context.";
    case "no-credit":
      return `Add credit, then run the same command again${kept}.`;
    case "wrong-address":
      return 'The base address usually ends in "/v1".';
    case "refused":
      return "If it names a field that this server does not know, leave that field out of the endpoint's settings.";
    case "overloaded":
    case "slow":
    case "again":
      return `Look at the server's log, then run the same command again${kept}.`;
  }
}
