/**
 * @file What opens an endpoint: the headers of every request, and what must never be shown.
 */
import { DIALECTS, type DialectName } from "../dialects/dialect.js";
import { findApiKey, type Environment } from "./api-key.js";
import { checkHeaders, type EndpointSettings } from "./endpoint-settings.js";
import { redactorOf, secretParameters } from "./secrets.js";

export interface Access {
  /** Of every request, the key's among them. */
  readonly headers: Readonly<Record<string, string>>;
  /** Takes the key, and what opens doors in the address, out of a text. */
  readonly redact: (text: string) => string;
  /** Where the key came from; absent without one. */
  readonly keyVariable?: string;
}

/**
 * @param replayed nothing is sent, so no key is asked for
 * @throws USAGE for a key that is not there, and headers that would be secrets
 */
export function openAccess(
  {
    apiKeyVariable,
    keyHeader,
    headers = {},
    dialect,
  }: Omit<EndpointSettings, "model"> & { readonly dialect: DialectName },
  {
    baseUrl,
    environment,
    replayed = false,
  }: {
    readonly baseUrl: URL;
    readonly environment: Environment;
    readonly replayed?: boolean;
  },
): Access {
  checkHeaders(headers);
  const key = replayed
    ? undefined
    : findApiKey(baseUrl, apiKeyVariable, environment);
  const fromAddress = redactorOf(secretParameters(baseUrl));
  return {
    headers: {
      ...headers,
      ...key?.header(keyHeader ?? DIALECTS[dialect].keyHeader),
    },
    redact: (text) => fromAddress(key?.redact(text) ?? text),
    ...(key === undefined ? {} : { keyVariable: key.variable }),
  };
}
