/**
 * @file The kind of a refusal: by the codes in its body, else by the server's sentence
 * where no server gives a code, else by its status.
 *
 * Codes are told, statuses mostly right, sentences a guess: `basis` says which it was,
 * because a guess may end a request, never a run. Sentences are read for what only they
 * say (no chat template, prompt too long, no such model), and nothing but the server's own
 * sentence is: a body may quote the prompt.
 */
import { LONGEST_READ, type ErrorBody } from "./error-body.js";

export type FailureKind =
  /** 408, 409, 5xx, a broken or unreadable answer: may well work next time. */
  | "again"
  /** 429, 503, 529: the endpoint has too much to do. */
  | "overloaded"
  /** No answer in the time allowed: it hangs, or has too much to do. */
  | "slow"
  /** Connection refused, no such host, no route. */
  | "unreachable"
  /** TLS does not work out: the certificate, or https to a port without it. */
  | "tls"
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
  /** A filter held back this prompt. */
  | "moderated"
  /** 402, or 429 that says that the money is used up. */
  | "no-credit"
  /** 404 and 405 otherwise: not the address of an API. */
  | "wrong-address"
  /** 2xx, and whole, but nothing that can be read as an answer. */
  | "unreadable"
  /** 301, 302, 307, 308: the API is elsewhere, or a page asks for a login. */
  | "moved"
  /** 400 and 422 otherwise. */
  | "refused";

/** How a kind was found: a code told it, the status says it, or words made it likely. */
export type Basis = "code" | "status" | "words";

const CODES: Readonly<Partial<Record<FailureKind, string>>> = {
  "wrong-key": `invalid_api_key incorrect_api_key api_key_invalid
    authentication_error invalid_authentication invalid_authentication_error
    unauthorized unauthenticated invalid_token token_expired
    account_deactivated`,
  "no-credit": `insufficient_quota insufficient_balance insufficient_credits
    billing_error billing_hard_limit_reached billing_not_active
    payment_required exceeded_current_quota_error credit_balance_too_low
    arrearage budget_exceeded insufficient_user_quota`,
  "wrong-model": `model_not_found model_not_available unknown_model
    invalid_model deploymentnotfound model_decommissioned model_deprecated`,
  "context-too-long": `context_length_exceeded context_window_exceeded
    exceed_context_size_error string_above_max_length request_too_large`,
  moderated: `content_filter content_policy_violation content_moderation
    responsibleaipolicyviolation moderation_blocked data_inspection_failed
    datainspectionfailed prohibited_content invalid_prompt`,
  overloaded: `rate_limit_exceeded rate_limit_error rate_limit_reached_error
    too_many_requests overloaded_error server_overloaded engine_overloaded
    engine_overloaded_error resource_exhausted throttling throttlingexception`,
  refused: `unsupported_parameter unsupported_value unknown_parameter
    extra_forbidden`,
};

const KIND_OF_CODE: ReadonlyMap<string, FailureKind> = new Map(
  (Object.keys(CODES) as (keyof typeof CODES)[]).flatMap((kind) =>
    (CODES[kind]?.split(/\s+/) ?? []).map((code) => [code, kind] as const),
  ),
);

/** What only sentences say, in this order: OpenAI, vLLM, transformers, llama.cpp, Ollama, TGI. */
const SENTENCES: readonly {
  readonly kind: FailureKind;
  readonly says: RegExp;
  /** It is of the connection or the account, so of every request: a 403 too. */
  readonly ofAll?: true;
  /** Even where the status stands by itself: 429 for an empty account. */
  readonly evenThere?: true;
  /** 500 as well: some servers fail in this way, and asking again does not help. */
  readonly evenAsFailure?: true;
}[] = [
  {
    kind: "tls",
    // nginx; Go; Apache; Tomcat; Traefik and others.
    says: /plain HTTP request was sent to HTTPS port|HTTP request to an HTTPS server|plain HTTP to an? (SSL|TLS)|host and port requires TLS|(HTTPS|TLS|SSL) (is )?required|requires? (an? )?(HTTPS|TLS|SSL)\b/i,
    ofAll: true,
  },
  {
    kind: "no-credit",
    // Anthropic, DeepSeek, SiliconFlow; Zhipu, Aliyun.
    says: /\b(credit|account|insufficient|your|remaining) (credits?|balance|funds)\b.{0,40}\b(too low|insufficient|exhausted|depleted|not enough|used up|run out)|insufficient (account )?(balance|funds|credits?)\b|欠费|余额(不足|已|为)|请(先)?充值/i,
    ofAll: true,
    evenThere: true,
  },
  {
    kind: "no-credit",
    // LiteLLM, Azure, one-api: of a 429 these words may mean the pace.
    says: /\b(budget|spend(ing)? limit|call volume quota|quota)\b.{0,40}\b(exceeded|exhausted|insufficient|not enough|used up)|out of (call volume )?(quota|credits?)\b|insufficient quota|额度(不足|已|用)|配额(不足|已|用)/i,
    ofAll: true,
  },
  {
    kind: "no-chat",
    says: /not a chat model|chat.?template\b.{0,120}\b(no longer allowed|must provide)|chat.?template\b.{0,60}\b(not (set|found|defined|supported)|missing|required)|no chat.?template|custom template is not supported|does not (have|support) (a )?chat\b|template not found/is,
    evenAsFailure: true,
  },
  {
    kind: "no-completions",
    says: /not supported in the v1\/completions endpoint|mean to use v1\/chat\/completions|only supported in v1\/chat\/completions|does not support (text )?completions?\b/i,
    evenAsFailure: true,
  },
  {
    kind: "context-too-long",
    says: /context.?length|context.?window|maximum context|max_model_len|exceed\w*\b.{0,40}\b(context|tokens)|prompt is too long|too many tokens|input is too long/i,
  },
  {
    kind: "wrong-model",
    says: /(invalid|unknown|no such) model\b|model\b.{0,160}\b(not found|does not exist|not exist|not available|not loaded|deprecated|decommissioned|retired|no longer (available|supported|served))|pinned to/is,
  },
];

const STATUSES: Readonly<Record<number, FailureKind>> = {
  400: "refused",
  401: "wrong-key",
  402: "no-credit",
  403: "wrong-key",
  404: "wrong-address",
  405: "wrong-address",
  408: "again",
  409: "again",
  410: "wrong-address",
  413: "context-too-long",
  425: "again",
  429: "overloaded",
  451: "moderated",
  498: "overloaded",
  503: "overloaded",
  529: "overloaded",
};

/**
 * Statuses that stand by themselves, whatever the sentence says: too much to do, no
 * key, no money. A 403 may be the key, the country, the model or this one prompt.
 */
const SPEAK_FOR_THEMSELVES: ReadonlySet<number> = new Set([401, 402, 429]);

/** @param status of HTTP, not 2xx */
export function kindOfRefusal(
  status: number,
  body: ErrorBody,
): { readonly kind: FailureKind; readonly basis: Basis } {
  if (body.flagged) return { kind: "moderated", basis: "code" };
  for (const code of body.codes) {
    const kind = KIND_OF_CODE.get(code);
    if (kind !== undefined) return { kind, basis: "code" };
  }
  if (status >= 400) {
    const sentence = body.message.slice(0, LONGEST_READ);
    const found = SENTENCES.find(
      ({ says, evenAsFailure, evenThere }) =>
        (status < 500 || evenAsFailure === true) &&
        (!SPEAK_FOR_THEMSELVES.has(status) || evenThere === true) &&
        says.test(sentence),
    );
    if (found !== undefined && (status !== 403 || found.ofAll === true))
      return {
        kind: found.kind,
        basis: found.ofAll === true ? "status" : "words",
      };
  }
  return {
    kind: STATUSES[status] ?? otherStatus(status),
    basis: status === 403 ? "words" : "status",
  };
}

function otherStatus(status: number): FailureKind {
  if (status >= 500) return "again";
  return status < 400 ? "moved" : "refused";
}
