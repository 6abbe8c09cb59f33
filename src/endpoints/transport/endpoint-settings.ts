/**
 * @file What a user says about an endpoint, checked and completed.
 *
 * A recipe or the command line gives these settings; none of them is secret, so they may
 * be written anywhere. The key is named by its variable, never given; a parameter of the
 * address that opens doors is hidden wherever the address is shown or kept.
 */
import { z } from "zod";
import { AutodidactError } from "../../foundation/error.js";
import { DIALECT_NAMES, EFFORTS } from "../dialects/dialect.js";
import { secretHeader, secretParameters, withoutSecrets } from "./secrets.js";

/** How to speak to a server: what its dialect's row or its own refusals do not settle. */
export const endpointKeys = z.strictObject({
  api: z
    .enum(["auto", "chat", "completions"])
    .exactOptional()
    .describe(
      "Where texts go: auto sends plain text to /completions and conversations to /chat/completions.",
    ),
  dialect: z
    .enum(DIALECT_NAMES)
    .exactOptional()
    .describe(
      "What the server calls things; found out from its address and its list of models when absent.",
    ),
  maxTokensField: z
    .enum(["max_tokens", "max_completion_tokens"])
    .exactOptional()
    .describe(
      "The field for the maximum of tokens; the dialect's when absent.",
    ),
  omit: z
    .array(z.string().min(1))
    .exactOptional()
    .describe("Fields that the server refuses: seed, top_p, temperature, …"),
  extraBody: z
    .record(z.string(), z.json())
    .exactOptional()
    .describe("Fields added to every request, as they are."),
  headers: z
    .record(z.string().regex(/^[\w-]+$/), z.string().regex(/^[\t\x20-\x7e]*$/))
    .exactOptional()
    .describe(
      "Headers added to every request; no secrets, they are written down.",
    ),
  keyHeader: z
    .string()
    .regex(/^[\w-]+$/)
    .exactOptional()
    .describe(
      "The header that carries the key as it is, such as api-key; Authorization: Bearer, or the dialect's, when absent.",
    ),
  stream: z
    .boolean()
    .exactOptional()
    .describe(
      "Ask for streams, where a gateway cuts off connections that are silent for long.",
    ),
  contextLength: z
    .int()
    .min(1)
    .exactOptional()
    .describe(
      "Most tokens of a prompt with its answer, to which maxima of tokens are lowered; from the server's list of models when absent.",
    ),
  reasoning: z
    .strictObject({
      effort: z
        .enum(EFFORTS)
        .exactOptional()
        .describe("How much the model thinks; none switches it off."),
      maxTokens: z
        .int()
        .min(1)
        .exactOptional()
        .describe("Most tokens of thoughts, on top of an answer's own."),
    })
    .exactOptional()
    .describe(
      "How a model thinks before it answers, in the dialect's own fields.",
    ),
  revision: z
    .string()
    .exactOptional()
    .describe("Changes when the weights behind the model's name change."),
  name: z
    .string()
    .exactOptional()
    .describe(
      "Stands for the address in keys, so that a server that moves keeps its answers.",
    ),
});

export type EndpointKeys = Readonly<z.infer<typeof endpointKeys>>;

export interface EndpointSettings extends EndpointKeys {
  /** Base address, for instance "http://127.0.0.1:8000/v1". */
  readonly baseUrl: string;
  /** The model's name at the endpoint. */
  readonly model: string;
  /** Environment variable with the key. */
  readonly apiKeyVariable?: string;
  /** Ask for the log-probability of each generated token. */
  readonly logprobs?: boolean;
  /** Most requests at once; 1024 when absent. */
  readonly maxConcurrency?: number;
  /** Requests at once to begin with; 4 when absent. */
  readonly initialConcurrency?: number;
  /** Longest and shortest time allowed for an answer, milliseconds. */
  readonly answerTimes?: {
    readonly longestMs: number;
    readonly shortestMs: number;
  };
  /** Attempts for a request whose answers are bad; 5 when absent. */
  readonly maxAttempts?: number;
  /** How long an overloaded or missing endpoint is waited for, milliseconds; ten minutes when absent. */
  readonly patienceMs?: number;
}

/**
 * The base address without slashes at its end.
 * @throws USAGE when it is no http(s) address, or has a name or password in it
 */
export function parseBaseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    const shown = withoutSecrets(text);
    throw new AutodidactError(
      "USAGE",
      `The endpoint "${shown}" is not an address. Expected something like http://127.0.0.1:8000/v1.`,
      { endpoint: shown },
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new AutodidactError(
      "USAGE",
      `The address of the endpoint at ${url.host} contains a name or password. Put the secret into an environment variable and name that.`,
      { host: url.host },
    );
  }
  url.pathname = url.pathname.replace(/\/+$/, "");
  url.hash = "";
  return url;
}

/** @throws USAGE for a header that would carry a secret into whatever is written down */
export function checkHeaders(headers: Readonly<Record<string, string>>): void {
  const name = Object.keys(headers).find(secretHeader);
  if (name === undefined) return;
  throw new AutodidactError(
    "USAGE",
    `The header "${name}" of the endpoint would carry a secret, and settings are written down. Put the secret into an environment variable and name that as the key's, with "${name}" as the header that carries it.`,
    { header: name },
  );
}

/** The address as it is shown and written: no slash at the end, secrets hidden. */
export function showUrl(url: URL): string {
  const query =
    secretParameters(url).length === 0 ? url.search : maskedQuery(url);
  return `${url.origin}${url.pathname === "/" ? "" : url.pathname}${query}`;
}

function maskedQuery(url: URL): string {
  return new URL(withoutSecrets(url.href)).search;
}

/** Everything besides a request that determines the answers. */
export function identityOf(settings: EndpointSettings, baseUrl: URL): string {
  const { model, revision, name, extraBody = {}, reasoning = {} } = settings;
  const fields = { ...extraBody, ...(empty(reasoning) ? {} : { reasoning }) };
  const extra = empty(fields) ? "" : ` ${JSON.stringify(fields)}`;
  return `${name ?? showUrl(baseUrl)} ${model}${revision === undefined ? "" : `@${revision}`}${extra}`;
}

function empty(value: object): boolean {
  return Object.keys(value).length === 0;
}
