/**
 * @file The body of a refusal, out of the shapes in which servers give it.
 *
 * Shapes: OpenAI and Azure `{error: {message, type, code, param}}`, vLLM and Mistral the
 * same without the wrapper, FastAPI `{detail: text | [{loc, msg, type}]}`, Gemini
 * `[{error: {status, details}}]`, OpenRouter `{error: {code, metadata}}`, Ollama and TGI
 * `{error: text, error_type}`. Only these places are read: what else a body holds, the
 * prompt it quotes for instance, says nothing about the kind of failure.
 */
import { member, numeric, parsed } from "./json.js";
import { defined } from "../../foundation/defined.js";

export interface ErrorBody {
  /** The server's sentence; all of the text where it has none of these shapes. */
  readonly message: string;
  /** Its codes and types, in lower case, the most specific first. */
  readonly codes: readonly string[];
  /** An HTTP status that the body repeats, or says where the answer has status 200. */
  readonly status?: number;
  /** The field of the request that it complains of. */
  readonly field?: string;
  /** The prompt was flagged, and this says so. */
  readonly flagged: boolean;
  /** How long to wait, in the server's words ("7s"). */
  readonly retryDelay?: string;
}

export function readErrorBody(text: string): ErrorBody {
  if (/^\s*</.test(text)) {
    const title = /<title[^>]{0,100}>([^<]{1,200})/i.exec(
      text.slice(0, LONGEST_READ),
    )?.[1];
    return plain(`an HTML page${title === undefined ? "" : ` "${title}"`}`);
  }
  const body = parsed(text);
  return typeof body === "object" && body !== null
    ? errorOf(body, text)
    : plain(text);
}

function plain(message: string): ErrorBody {
  return { message, codes: [], flagged: false };
}

/** The `error` of a body or choice; undefined where there is none, or one that says nothing. */
export function saidError(value: unknown): unknown {
  const error = member(value, "error");
  const isEmpty =
    !error || (typeof error === "object" && Object.keys(error).length === 0);
  return isEmpty ? undefined : error;
}

/**
 * The error of a body without answer and without `error`: by an `errors`, a `base_resp`
 * (MiniMax), or a code or flag beside a message (Zhipu, SiliconFlow). Undefined where
 * nothing says that it is one.
 */
export function bareError(value: unknown): unknown {
  const response = member(value, "base_resp");
  if (response !== undefined)
    return {
      message: member(response, "status_msg"),
      code: member(response, "status_code"),
    };
  const code =
    numeric(member(value, "code")) ?? numeric(member(value, "status"));
  const isError =
    member(value, "errors", "0") !== undefined ||
    member(value, "success") === false ||
    [member(value, "object"), member(value, "type")].includes("error") ||
    (code !== undefined && code !== 0 && code !== 200);
  const says = words(member(value, "message")) ?? words(member(value, "msg"));
  return isError && (says ?? member(value, "errors", "0")) !== undefined
    ? value
    : undefined;
}

/** The error in a parsed body or choice. @param whole what is shown where it has no sentence */
export function errorOf(value: unknown, whole: string): ErrorBody {
  const body = Array.isArray(value) ? (value as readonly unknown[])[0] : value;
  const error = member(body, "error") ?? member(body, "errors", "0") ?? body;
  const detail = firstDetail(body);
  const message =
    words(error) ??
    words(member(error, "message")) ??
    words(member(error, "msg")) ??
    words(member(body, "message")) ??
    words(detail) ??
    words(member(detail, "msg")) ??
    whole;
  const details = member(error, "details");
  const google = Array.isArray(details) ? (details as readonly unknown[]) : [];
  const named = [
    member(error, "innererror", "code"),
    member(error, "code"),
    ...google.map((item) => member(item, "reason")),
    member(error, "status"),
    member(error, "type"),
    member(body, "error_type"),
    member(body, "code"),
    member(body, "type"),
    member(detail, "type"),
  ];
  const status = [member(error, "code"), member(error, "status")]
    .map(numeric)
    .find((number) => number !== undefined && number >= 300 && number <= 599);
  const field = fieldOf(error, detail);
  const retryDelay =
    google
      .map((item) => words(member(item, "retryDelay")))
      .find((delay) => delay !== undefined) ??
    /\b(?:try again|retry) (?:after|in) (\d+(?:\.\d+)?(?:ms|s|m)?)\b/i.exec(
      message.slice(0, LONGEST_READ),
    )?.[1];
  const metadata = member(error, "metadata");
  return {
    message,
    codes: named.flatMap((code) => words(code)?.toLowerCase() ?? []),
    ...defined({ status, field }),
    flagged:
      member(metadata, "flagged_input") !== undefined ||
      member(metadata, "reasons") !== undefined,
    ...defined({ retryDelay }),
  };
}

/** Sentences are read for hints this far. */
export const LONGEST_READ = 1000;

function firstDetail(body: unknown): unknown {
  const detail = member(body, "detail");
  return Array.isArray(detail) ? (detail as readonly unknown[])[0] : detail;
}

/** OpenAI's `param`, or the end of FastAPI's `loc` (["body", "top_k"]). */
function fieldOf(error: unknown, detail: unknown): string | undefined {
  const loc = member(detail, "loc");
  const field: unknown =
    member(error, "param") ??
    (Array.isArray(loc) ? (loc as readonly unknown[]).at(-1) : undefined);
  return words(field)?.replace(/^body\./, "");
}

function words(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
