/**
 * @file The secret that opens an endpoint, and how it stays one.
 *
 * It comes from an environment variable and is seen in one place only, the
 * header of a request. It does not print, serialize or inspect, and `redact`
 * takes it out of whatever a server says back, however that is written.
 */
import { inspect } from "node:util";
import { AutodidactError } from "../../foundation/error.js";
import { HIDDEN, redactorOf } from "./secrets.js";

export type Environment = Readonly<Record<string, string | undefined>>;

export class ApiKey {
  readonly #secret: string;
  readonly #redact: (text: string) => string;
  /** The environment variable it came from. */
  readonly variable: string;

  constructor(variable: string, secret: string) {
    this.variable = variable;
    this.#secret = secret;
    this.#redact = redactorOf([secret]);
  }

  /** The header that carries it. @param name that takes the key as it is; a bearer's when absent */
  header(name?: string): Readonly<Record<string, string>> {
    return name === undefined || name.toLowerCase() === "authorization"
      ? { authorization: `Bearer ${this.#secret}` }
      : { [name.toLowerCase()]: this.#secret };
  }

  /** The text with the key replaced, wherever and however it occurs. */
  redact(text: string): string {
    return this.#redact(text);
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
    if (!/^[A-Za-z_]\w*$/.test(variable)) {
      throw new AutodidactError(
        "USAGE",
        "What was given as the name of the variable with the endpoint's key is no such name, perhaps the key itself. Put the key into an environment variable, and give that variable's name.",
      );
    }
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
