/**
 * @file What went wrong with a request, and whether asking again can help.
 *
 * The kind of a failure decides everything that follows: `again` and `slow` are
 * tried anew a few times where one request meets them, and for as long as patience
 * lasts where all do; `overloaded` and `unreachable` for as long as patience lasts
 * (seconds where nothing ever answered); the rest never, because the same request
 * would be refused the same way. No failure is ever kept as an answer.
 */
import { defined } from "../../foundation/defined.js";
import {
  AutodidactError,
  type ErrorDetails,
  messageOf,
} from "../../foundation/error.js";
import type { Refusal } from "../../generation/request-refusal.js";
import { oneLine } from "../../text/harmless.js";
import {
  bareError,
  errorOf,
  readErrorBody,
  saidError,
} from "../dialects/error-body.js";
import type { ErrorBody } from "../dialects/error-body.js";
import { kindOfRefusal } from "../dialects/failure-kinds.js";
import type { Basis, FailureKind } from "../dialects/failure-kinds.js";
import { parsed } from "../dialects/json.js";
import type { SaidUsage } from "../dialects/usage.js";
import { waitHint } from "../dialects/wait-hints.js";
import type { NoAnswer } from "./whole-answer.js";

export interface Failure {
  readonly kind: FailureKind;
  /** How sure that is. */
  readonly basis: Basis;
  /** One line: what the endpoint did. No secret in it. */
  readonly evidence: string;
  /** HTTP status; absent when there was no answer. */
  readonly status?: number;
  /** The code of a network error, "ECONNREFUSED"; absent when there was an answer. */
  readonly code?: string;
  /** Where a moved API says it is. */
  readonly location?: string;
  /** What the server said, where it refused. */
  readonly said?: ErrorBody;
  /** How long the endpoint asked us to stay away, milliseconds. */
  readonly retryAfterMs?: number;
  /** The endpoint may have done the work, and may charge for it. */
  readonly maybeBilled: boolean;
  /** The answer, where it is none that can be read. */
  readonly unread?: Unread;
}

export interface Unread {
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly usage?: SaidUsage;
  /** Nothing in it is of an API (a page, no byte): others may be answered. */
  readonly mayPass: boolean;
}

export interface HttpAnswer {
  readonly status: number;
  /** By name in lower case; the first of several. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** A content encoding that could not be undone. */
  readonly coding?: string;
}

export function isPage({
  headers,
  text,
}: Pick<HttpAnswer, "headers" | "text">): boolean {
  return (
    /html/i.test(headers["content-type"] ?? "") ||
    /^\s*<(!doctype|html)/i.test(text)
  );
}

export function isRefusal({ status }: HttpAnswer): boolean {
  return status < 200 || status > 299;
}

interface Consequence {
  /** The same request is sent again. */
  readonly retry: boolean;
  /** Every other request to this endpoint would meet it as well. */
  readonly everybody: boolean;
  readonly sentence: (context: FailureContext, times: string) => string;
  readonly remedy: (context: FailureContext, failure: Failure) => string;
}

const lookAtLog = (context: FailureContext): string =>
  `Look at the server's log, then run the same command again${keptClause(context)}.`;

const CONSEQUENCES: Readonly<Record<FailureKind, Consequence>> = {
  again: {
    retry: true,
    everybody: false,
    sentence: ({ endpoint }, times) =>
      `The endpoint ${endpoint} failed${times}`,
    remedy: lookAtLog,
  },
  slow: {
    retry: true,
    everybody: false,
    sentence: ({ endpoint }, times) =>
      `The endpoint ${endpoint} failed${times}`,
    remedy: lookAtLog,
  },
  overloaded: {
    retry: true,
    everybody: false,
    sentence: ({ endpoint }, times) =>
      `The endpoint ${endpoint} is overloaded and did not answer${times}`,
    remedy: lookAtLog,
  },
  unreachable: {
    retry: true,
    everybody: true,
    sentence: ({ endpoint }, times) =>
      `The endpoint ${endpoint} cannot be reached${times}`,
    remedy: (context) =>
      `Start the server, or correct the address${keptClause(context)}.`,
  },
  tls: {
    retry: false,
    everybody: true,
    sentence: ({ endpoint }) =>
      endpoint.startsWith("http:")
        ? `The server at ${endpoint} speaks TLS, and was asked without it`
        : `No secure connection to ${endpoint} came about`,
    remedy: ({ endpoint }, { code = "" }) => tlsRemedy(endpoint, code),
  },
  "wrong-key": {
    retry: false,
    everybody: true,
    sentence: ({ endpoint }) => `The endpoint ${endpoint} refused the key`,
    remedy: ({ keyVariable }, { basis }) =>
      (keyVariable === undefined
        ? "No key was sent: name the environment variable that holds it."
        : `The key came from ${keyVariable}: check that it is current and belongs to this endpoint.`) +
      (basis === "words"
        ? " Or it refuses this prompt, this model or this country: its own words tell."
        : ""),
  },
  "wrong-model": {
    retry: false,
    everybody: true,
    sentence: ({ endpoint, model }) =>
      `The endpoint ${endpoint} does not serve the model "${model}"`,
    remedy: () => "The server's list of models says which are there.",
  },
  "no-chat": {
    retry: false,
    everybody: true,
    sentence: ({ endpoint, model }) =>
      `The endpoint ${endpoint} serves the model "${model}" for plain completions only, and was asked to chat`,
    remedy: () =>
      "Give it plain prompts, in the style of completions. Or serve it with a chat template.",
  },
  "no-completions": {
    retry: false,
    everybody: true,
    sentence: ({ endpoint, model }) =>
      `The endpoint ${endpoint} serves the model "${model}" for chats only, and was asked to continue plain text`,
    remedy: () => "Give it conversations, in the style of chats.",
  },
  "context-too-long": {
    retry: false,
    everybody: false,
    sentence: ({ model }) =>
      `A prompt with its answer is too long for the model "${model}"`,
    remedy: () =>
      "Lower the maximum number of tokens, shorten the prompt, or serve the model with a longer context.",
  },
  moderated: {
    retry: false,
    everybody: false,
    sentence: ({ endpoint }) =>
      `A filter of the endpoint ${endpoint} held back a prompt`,
    remedy: () =>
      "The prompt will meet it again; leave it out, change it, or ask another endpoint.",
  },
  "no-credit": {
    retry: false,
    everybody: true,
    sentence: ({ endpoint }) => `The account at ${endpoint} has no credit left`,
    remedy: (context) =>
      `Add credit, then run the same command again${keptClause(context)}.`,
  },
  "wrong-address": {
    retry: false,
    everybody: true,
    sentence: ({ endpoint }) =>
      `${endpoint} does not answer like an OpenAI-compatible API`,
    remedy: () => 'The base address usually ends in "/v1".',
  },
  unreadable: {
    retry: false,
    everybody: true,
    sentence: ({ endpoint }, times) =>
      `What ${endpoint} answered cannot be read${times}`,
    remedy: () =>
      "It would be the same again, and paid for again, so it is not asked for. See whether this is the address of the API, and what the server or a gateway before it makes of answers.",
  },
  moved: {
    retry: false,
    everybody: true,
    sentence: ({ endpoint }) => `${endpoint} sends its callers elsewhere`,
    remedy: (_, { location }) =>
      location === undefined
        ? 'It does not say where. Give the address of the API itself; it usually ends in "/v1".'
        : `A key is not carried after it: give the address ${baseOf(location)} if that is the API, or log in if it is a page for that.`,
  },
  refused: {
    retry: false,
    everybody: false,
    sentence: ({ endpoint }) => `The endpoint ${endpoint} refused the request`,
    remedy: () =>
      "If it names a field that this server does not know, leave that field out of the endpoint's settings.",
  },
};

/** Kinds for which the same request is sent again. */
export function deservesRetry(kind: FailureKind): boolean {
  return CONSEQUENCES[kind].retry;
}

/** Kinds that every other request to this endpoint would meet as well. */
export function concernsAll(kind: FailureKind): boolean {
  return CONSEQUENCES[kind].everybody;
}

/** Classifies an answer whose status is not 2xx. @param now milliseconds since 1970 */
export function failureOfStatus(answer: HttpAnswer, now: number): Failure {
  const { status, headers } = answer;
  const body = readErrorBody(answer.text);
  const { kind, basis } = kindOfRefusal(status, body);
  const retryAfterMs = waitHint(headers, body, now);
  const location = headers["location"];
  const said = oneLine(
    kind === "moved" && location !== undefined
      ? `it points to ${withoutQuery(location)}`
      : body.message,
  );
  return {
    kind,
    basis,
    evidence: `HTTP ${status}${said === "" ? "" : `: ${said}`}`,
    status,
    said: body,
    ...defined({ location, retryAfterMs }),
    maybeBilled: status === 408 || status === 504,
  };
}

const UNREACHABLE: ReadonlySet<string> = new Set(
  `ECONNREFUSED ENOTFOUND EAI_AGAIN EHOSTUNREACH ENETUNREACH EHOSTDOWN
  ENETDOWN EADDRNOTAVAIL UND_ERR_CONNECT_TIMEOUT`.split(/\s+/),
);

/** What to do about each way in which TLS fails, by the codes of OpenSSL and Node. */
const TLS_REMEDIES: readonly (readonly [codes: RegExp, remedy: string])[] = [
  [
    /SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)/,
    "Its certificate is self-signed, or signed by an authority that Node does not know: if it is the right server, name a file with that certificate in the environment variable NODE_EXTRA_CA_CERTS.",
  ],
  [
    /CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/,
    "Its certificate is not valid today: renew it, or correct this machine's clock.",
  ],
  [
    /ALTNAME|HOSTNAME_MISMATCH/,
    "Its certificate is for another name: use the name that it is for.",
  ],
  [
    /WRONG_VERSION_NUMBER|EPROTO|PACKET_LENGTH|HTTP_REQUEST|UNKNOWN_PROTOCOL|OTHER_SCHEME/,
    "The port does not seem to speak TLS: give the address %s if the server is a plain one.",
  ],
  [/./, "Check the server's certificate."],
];

/** Code of an error of a server that speaks TLS where it is not asked to, or does not where it is. */
export const OTHER_SCHEME = "ERR_TLS_OTHER_SCHEME";

const TLS_CODE =
  /CERT|^ERR_(SSL|TLS)|^EPROTO$|UNABLE_TO_(VERIFY|GET)|HOSTNAME_MISMATCH/;

/** The first bytes of a TLS record: an alert, or a handshake. */
const TLS_RECORD = /^[\u0015\u0016]\u0003/;
/** The client's words for first bytes that are no HTTP; it gives them no code. */
const NO_HTTP = /Expected HTTP\//;

function tlsRemedy(endpoint: string, code: string): string {
  const isPlain = endpoint.startsWith("http:");
  const other = isPlain
    ? endpoint.replace("http:", "https:")
    : endpoint.replace("https:", "http:");
  const remedy = isPlain
    ? "Give the address %s."
    : (TLS_REMEDIES.find(([codes]) => codes.test(code))?.[1] ?? "");
  return remedy.replace("%s", () => other);
}

/** What a server sent that the client could not take for HTTP; "" for any other error. */
function strangeBytes(cause: unknown): string {
  for (let error = cause; error instanceof Error; error = error.cause)
    if ("data" in error && typeof error.data === "string") return error.data;
  return "";
}

/** Classifies what was thrown instead of an answer. */
export function failureOfError(cause: unknown): Failure {
  const code = codeOf(cause);
  const message = messageOf(cause);
  const kind = UNREACHABLE.has(code)
    ? "unreachable"
    : TLS_CODE.test(code) || TLS_RECORD.test(strangeBytes(cause))
      ? "tls"
      : NO_HTTP.test(message)
        ? "wrong-address"
        : "again";
  return {
    kind,
    basis: "code",
    code,
    evidence: oneLine(
      code === "" || message.includes(code) ? message : `${code}: ${message}`,
    ),
    // A connection that broke later may have delivered the request.
    maybeBilled: kind === "again",
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

/**
 * The answer came with status 200 but is of no use. Some gateways send a refusal in this
 * way: then what it says decides.
 */
export function failureOfContent(
  { problem, text, isWhole, usage }: NoAnswer,
  { headers = {}, coding }: Partial<HttpAnswer> = {},
): Failure {
  const start = oneLine(text, 200);
  const body = parsed(text);
  const error = saidError(body) === undefined ? bareError(body) : body;
  const inside = error === undefined ? undefined : errorOf(error, text);
  const told = inside && kindOfErrorInside(inside);
  const isUnread = told === undefined && isWhole;
  const what = isUnread
    ? (strangeness({ headers, text, coding }) ?? problem)
    : problem;
  return {
    kind: told?.kind ?? (isWhole ? "unreadable" : "again"),
    basis: told?.basis ?? "status",
    evidence: `${what}${start === "" ? "" : ` (it begins "${start}")`}`,
    status: 200,
    ...defined({ said: inside }),
    maybeBilled: true,
    ...(isUnread && {
      unread: {
        ...{ text, headers, ...defined({ usage }) },
        mayPass: coding === undefined && body === undefined,
      },
    }),
  };
}

/** Without a status, what its codes or its sentence tell; else it may pass. */
function kindOfErrorInside(inside: ErrorBody) {
  if (inside.status !== undefined) return kindOfRefusal(inside.status, inside);
  const told = kindOfRefusal(400, inside);
  return told.basis === "status" ? kindOfRefusal(500, inside) : told;
}

/** What came in the place of an answer, where it is not of an API at all. */
function strangeness({
  coding,
  ...answer
}: Pick<HttpAnswer, "headers" | "text"> & {
  readonly coding: string | undefined;
}): string | undefined {
  if (coding !== undefined)
    return `the answer has the content encoding "${oneLine(coding, 80)}", which is not known here`;
  if (answer.text.trim() === "") return "the answer is empty";
  return isPage(answer) ? "the answer is a web page" : undefined;
}

export function failureOfTimeOut(milliseconds: number): Failure {
  return {
    kind: "slow",
    basis: "status",
    evidence: `no answer in ${Math.round(milliseconds / 100) / 10} s`,
    maybeBilled: true,
  };
}

export interface FailureContext {
  readonly endpoint: string;
  readonly model: string;
  /** Variable the key came from; absent when none was sent. */
  readonly keyVariable?: string;
  /** The proxy between, without its password, and the variable that names it. */
  readonly proxy?: string;
  /** Times the request was sent. */
  readonly attempts: number;
  /** The endpoint has answered other requests of this process. */
  readonly answered: boolean;
  /** Nothing else was answered meanwhile: it was given up for everybody. */
  readonly outage: boolean;
  /** Every other request would fail the same way. */
  readonly everybody: boolean;
}

/** The error a user sees: what happened, what was expected, what to do. */
export function endpointError(
  failure: Failure,
  context: FailureContext,
): AutodidactError {
  const { endpoint, model, attempts, proxy } = context;
  const { sentence, remedy } = CONSEQUENCES[failure.kind];
  const details: ErrorDetails = {
    failure: failure.kind,
    endpoint,
    model,
    attempts,
    evidence: failure.evidence,
    ...(context.outage ? { outage: true } : {}),
    ...refusal(failure, context),
    ...defined({ proxy, status: failure.status }),
  };
  const times = attempts === 1 ? "" : ` after ${attempts} attempts`;
  const evidence = failure.evidence.replace(/\.$/, "");
  const way = proxy === undefined ? "" : `, by way of the proxy ${proxy}`;
  const aboutProxy =
    proxy === undefined || (failure.said?.codes.length ?? 0) > 0
      ? ""
      : " If it was the proxy that said so, exempt the host in NO_PROXY or correct that variable.";
  return new AutodidactError(
    "ENDPOINT",
    `${sentence(context, times)}${way} (${evidence}). ${remedy(context, failure)}${aboutProxy}`,
    details,
  );
}

/** Whether the failure is about this request only (`refusalOf` reads it). */
function refusal(
  failure: Failure,
  { outage, everybody }: FailureContext,
): { readonly refusal?: Refusal } {
  if (outage || everybody) return {};
  const mayPass = deservesRetry(failure.kind) || failure.unread?.mayPass;
  return { refusal: mayPass === true ? "may-pass" : "final" };
}

function keptClause({ answered }: FailureContext): string {
  return answered ? "; everything answered so far is kept" : "";
}

/** An address of the API without what was asked of it. */
function baseOf(location: string): string {
  return withoutQuery(location).replace(
    /\/(chat\/completions|completions|models)\/*$/,
    "",
  );
}

/** An address that a server gives, without name, password and parameters. */
function withoutQuery(location: string): string {
  return oneLine(
    location.replace(/[?#].*$/s, "").replace(/^(\w+:\/\/)[^/@]*@/, "$1"),
    200,
  );
}
