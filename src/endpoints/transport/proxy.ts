/**
 * @file Which proxy leads to an endpoint, by the variables that curl reads too.
 *
 * HTTP_PROXY for http, HTTPS_PROXY for https, ALL_PROXY for both, in either case, the
 * lower one first; NO_PROXY exempts hosts: names and what is below them, with or without
 * a port, addresses, networks ("10.0.0.0/8"), or "*".
 */
import { BlockList, isIP } from "node:net";
import { AutodidactError } from "../../foundation/error.js";
import type { Environment } from "./api-key.js";
import { withoutSecrets } from "./secrets.js";

export interface Proxy {
  readonly url: URL;
  /** With its variable, without its password, for people. */
  readonly shown: string;
}

/** @throws USAGE when the variable holds no address */
export function proxyFor(
  baseUrl: URL,
  environment: Environment,
): Proxy | undefined {
  const names =
    baseUrl.protocol === "https:"
      ? ["HTTPS_PROXY", "ALL_PROXY"]
      : ["HTTP_PROXY", "ALL_PROXY"];
  const variable = names
    .flatMap((name) => [name.toLowerCase(), name])
    .find((name) => (environment[name] ?? "") !== "");
  if (variable === undefined || isLoopback(baseUrl.hostname)) return undefined;
  const exempt = environment["no_proxy"] ?? environment["NO_PROXY"] ?? "";
  if (isExempt(baseUrl, exempt)) return undefined;
  const address = environment[variable] ?? "";
  const whole = /^\w+:\/\//.test(address) ? address : `http://${address}`;
  const shown = `${withoutSecrets(whole)} of ${variable}`;
  if (!URL.canParse(whole)) {
    throw new AutodidactError(
      "USAGE",
      `The proxy ${shown} is not an address. Expected something like http://proxy.example:3128.`,
      { variable },
    );
  }
  return { url: new URL(whole), shown };
}

function isExempt(url: URL, list: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => entry === "*" || matches(entry, host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  const [network = "", bits] = entry.split("/");
  const family = isIP(network);
  if (bits !== undefined)
    return family !== 0 && isIP(host) === family && within(network, bits, host);
  if (family === 6) return host === network;
  const [, name = "", only] = /^\*?\.?(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (only !== undefined && only !== port) return false;
  return host === name || (isIP(host) === 0 && host.endsWith(`.${name}`));
}

function within(network: string, bits: string, host: string): boolean {
  const family = isIP(network) === 6 ? "ipv6" : "ipv4";
  const prefix = Number(bits);
  if (!(
    Number.isInteger(prefix) &&
    prefix >= 0 &&
    prefix <= (family === "ipv6" ? 128 : 32)
  ))
    return false;
  const list = new BlockList();
  list.addSubnet(network, prefix, family);
  return list.check(host, family);
}

/** An address of this very machine: no proxy is asked. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127(\.\d{1,3}){3}$/.test(hostname)
  );
}
