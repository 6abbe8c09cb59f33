/**
 * @file The secret that opens an endpoint, and how it stays one.
 *
 * It comes from an environment variable and is seen in one place only, the
 * header of a request. It does not print, serialize or inspect, and `redact`
 * takes it out of whatever a server says back.
 */
import { inspect } from "node:util";
import { AutodidactError } from "../../foundation/error.js";

export type Environment = Readonly<Record<string, string | undefined>>;

const HIDDEN = "[key]";
/** Below this a "key" such as "x" would be cut out of ordinary words. */
const SHORTEST_REDACTED = 6;

export class ApiKey {
  readonly #secret: string;
  /** The environment variable it came from. */
  readonly variable: string;

  constructor(variable: string, secret: string) {
    this.variable = variable;
    this.#secret = secret;
  }

  /** Value of the Authorization header. */
  authorization(): string {
    return `Bearer ${this.#secret}`;
  }

  /** The text with the key replaced, wherever it occurs. */
  redact(text: string): string {
    return this.#secret.length < SHORTEST_REDACTED ||
      !text.includes(this.#secret)
      ? text
      : text.replaceAll(this.#secret, HIDDEN);
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return HIDDEN;
  }
}

/**
 * The key for an endpoint. A named variable is used for any address;
 * OPENAI_API_KEY, unnamed, only for the address it belongs to (OpenAI's own, or
 * OPENAI_BASE_URL), so that a key never goes to a server it was not meant for.
 * @throws USAGE when the named variable is not set, or holds what no header can
 */
export function findApiKey(
  baseUrl: URL,
  variable: string | undefined,
  environment: Environment,
): ApiKey | undefined {
  if (variable !== undefined) {
    const secret = environment[variable]?.trim();
    if (secret === undefined || secret === "") {
      throw new AutodidactError(
        "USAGE",
        `The endpoint's key should be in the environment variable ${variable}, which is not set. Set it, or leave out the name for an endpoint that needs no key.`,
        { variable },
      );
    }
    return makeKey(variable, secret);
  }
  const secret = environment["OPENAI_API_KEY"]?.trim();
  if (secret === undefined || secret === "") return undefined;
  return belongsToOpenAi(baseUrl, environment["OPENAI_BASE_URL"])
    ? makeKey("OPENAI_API_KEY", secret)
    : undefined;
}

function makeKey(variable: string, secret: string): ApiKey {
  if (!/^[\x21-\x7e]+$/.test(secret)) {
    throw new AutodidactError(
      "USAGE",
      `The environment variable ${variable} holds spaces or characters that no key has. Set it to the key alone.`,
      { variable },
    );
  }
  return new ApiKey(variable, secret);
}

function belongsToOpenAi(baseUrl: URL, declared: string | undefined): boolean {
  if (baseUrl.protocol === "https:" && baseUrl.hostname === "api.openai.com")
    return true;
  if (declared === undefined || !URL.canParse(declared)) return false;
  return new URL(declared).origin === baseUrl.origin;
}
