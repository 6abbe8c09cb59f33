/**
 * @file Who may ask: callers with the key, where there is one, and on a loopback address
 * only programs that mean this server.
 */
import type { MiddlewareHandler } from "hono";
import { isLoopbackName } from "../http/loopback.js";
import { bearerOf, secretCheck } from "../http/secret.js";
import { ApiError } from "./api-error.js";

/** @throws ApiError 401 for a wrong key, or none */
export function requireKey(key: string): MiddlewareHandler {
  const isKey = secretCheck(key);
  return (context, next) => {
    const given = bearerOf(context.req.header("authorization"));
    if (given === undefined || !isKey(given))
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

/** @throws ApiError 403 */
export const requireLoopbackName: MiddlewareHandler = (context, next) => {
  if (!isLoopbackName(context.req.header("host") ?? ""))
    throw new ApiError(
      403,
      "This server listens on this machine only and is called by another name here. Call it localhost, or start it with --host.",
      { code: "host_not_allowed" },
    );
  return next();
};
