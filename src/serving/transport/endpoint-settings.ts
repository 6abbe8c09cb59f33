/**
 * @file What a user says about an endpoint, checked and completed.
 *
 * A recipe or the command line gives these settings; none of them is secret, so
 * they may be written anywhere. The key is named by its variable, never given.
 */
import { AutodidactError } from "../../foundation/error.js";

export interface EndpointSettings {
  /** Base address, for instance "http://127.0.0.1:8000/v1". */
  readonly baseUrl: string;
  /** The model's name at the endpoint. */
  readonly model: string;
  /** Changes when the weights behind the name change. */
  readonly revision?: string;
  /** Stands for the address in keys, so that a server that moves keeps its answers. */
  readonly name?: string;
  /** Where texts go: "auto" sends plain text to /completions and conversations to /chat/completions. */
  readonly api?: "auto" | "chat" | "completions";
  /** "vllm" may use that server's own fields (top_k, prompt_logprobs, prefill). */
  readonly dialect?: "openai" | "vllm";
  /** Environment variable with the key. */
  readonly apiKeyVariable?: string;
  /** Fields added to every request, as they are. */
  readonly extraBody?: Readonly<Record<string, unknown>>;
  /** Fields that the server refuses: "seed", "top_p", "temperature", … */
  readonly omit?: readonly string[];
  /** The field for the maximum of tokens. */
  readonly maxTokensField?: "max_tokens" | "max_completion_tokens";
  /** Ask for streams, where a gateway cuts off connections that are silent for long. */
  readonly stream?: boolean;
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
 * @throws USAGE when it is no http(s) address, or has a secret in it
 */
export function parseBaseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new AutodidactError(
      "USAGE",
      `The endpoint "${text}" is not an address. Expected something like http://127.0.0.1:8000/v1.`,
      { endpoint: text },
    );
  }
  const secretParameter = [...url.searchParams.keys()].find((name) =>
    /key|token|secret|password/i.test(name),
  );
  if (url.username !== "" || url.password !== "" || secretParameter) {
    throw new AutodidactError(
      "USAGE",
      `The address of the endpoint at ${url.host} contains a name, password or key. Addresses are written into logs and ledgers: put the secret into an environment variable and name that.`,
      { host: url.host },
    );
  }
  url.pathname = url.pathname.replace(/\/+$/, "");
  url.hash = "";
  return url;
}

/** The address as it is shown and written: no slash at the end. */
export function showUrl(url: URL): string {
  return `${url.origin}${url.pathname === "/" ? "" : url.pathname}${url.search}`;
}

/** Everything besides a request that determines the answers. */
export function identityOf(settings: EndpointSettings, baseUrl: URL): string {
  const { model, revision, name, extraBody } = settings;
  const extra =
    extraBody === undefined || Object.keys(extraBody).length === 0
      ? ""
      : ` ${JSON.stringify(extraBody)}`;
  return `${name ?? showUrl(baseUrl)} ${model}${revision === undefined ? "" : `@${revision}`}${extra}`;
}
