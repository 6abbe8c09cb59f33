/**
 * @file Who may ask: callers with the key, where there is one, and on a loopback address
 * only programs that mean this server.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { ApiError } from "./api-error.js";

/** @throws ApiError 401 for a wrong key, or none; the comparison takes as long whatever is given */
export function requireKey(key: string): MiddlewareHandler {
  const expected = digest(key);
  return (context, next) => {
    const given = /^Bearer (.*)$/i.exec(
      context.req.header("authorization") ?? "",
    )?.[1];
    if (given === undefined || !timingSafeEqual(digest(given), expected))
      throw new ApiError(
        401,
        given === undefined
          ? "This server needs an API key: send it as 'Authorization: Bearer KEY'."
          : "Incorrect API key provided.",
        { kind: "authentication_error", code: "invalid_api_key" },
      );
    return next();
  };
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

const LOOPBACK = /^(localhost|(.+\.)?localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/i;

export function isLoopbackAddress(host: string): boolean {
  return LOOPBACK.test(host.includes(":") ? `[${host}]` : host);
}

/**
 * A page in a browser can make its own name point to this machine and read the answers
 * as its own; the name it calls gives it away.
 * @throws ApiError 403
 */
export const requireLoopbackName: MiddlewareHandler = (context, next) => {
  const name = context.req.header("host") ?? "";
  if (!LOOPBACK.test(name))
    throw new ApiError(
      403,
      "This server listens on this machine only and is called by another name here. Call it localhost, or start it with --host.",
      { code: "host_not_allowed" },
    );
  return next();
};
