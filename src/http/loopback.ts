/**
 * @file Names of this machine that no other machine has.
 *
 * A page in a browser can make its own name point to this machine and read the answers
 * as its own; the name it calls, in the Host header, gives it away.
 */

const LOOPBACK = /^(localhost|(.+\.)?localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/i;

export function isLoopbackAddress(host: string): boolean {
  return LOOPBACK.test(host.includes(":") ? `[${host}]` : host);
}

/** @param header the Host header, with or without a port */
export function isLoopbackName(header: string): boolean {
  return LOOPBACK.test(header);
}
