/**
 * @file Who may ask the dashboard: a browser or a program that has the token, that calls
 * this machine by its own name, and whose page is the dashboard's own.
 *
 * The token comes once in the address. A browser gets a cookie for it, which no script
 * and no other site's request carries, and is sent on to the address without it.
 */
import { createHash } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { secureHeaders } from "hono/secure-headers";
import { isLoopbackName } from "../http/loopback.js";
import { bearerOf, secretCheck } from "../http/secret.js";
import { DashboardFailure } from "./api/failure.js";

/** No source but the dashboard itself, and no code or style within the page. */
export const headers: MiddlewareHandler = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    connectSrc: ["'self'"],
    imgSrc: ["'self'", "data:"],
    frameAncestors: ["'none'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
  },
  referrerPolicy: "no-referrer",
  xFrameOptions: "DENY",
  // It is served without TLS, on this machine.
  strictTransportSecurity: false,
});

/** @throws DashboardFailure FORBIDDEN: a name that somebody else may have made to point here */
export const requireLoopback: MiddlewareHandler = (context, next) => {
  if (!isLoopbackName(context.req.header("host") ?? ""))
    throw new DashboardFailure(
      "FORBIDDEN",
      "The dashboard listens on this machine only and is called by another name here. Call it by the address it printed, or start it with --host.",
    );
  return next();
};

/** @throws DashboardFailure FORBIDDEN: a request that another site's page makes */
export const requireOwnPage: MiddlewareHandler = (context, next) => {
  const origin = context.req.header("origin");
  const site = context.req.header("sec-fetch-site") ?? "none";
  const isOwn =
    (origin === undefined ||
      origin === `http://${context.req.header("host")}`) &&
    ["same-origin", "none"].includes(site);
  if (!isOwn)
    throw new DashboardFailure(
      "FORBIDDEN",
      "Another site's page asks here. Only the dashboard's own page may.",
    );
  return next();
};

export interface TokenDoors {
  /** Takes a right token in the address for a cookie. */
  readonly exchange: MiddlewareHandler;
  /** @throws DashboardFailure FORBIDDEN without the token */
  readonly require: MiddlewareHandler;
}

export function tokenDoors(token: string): TokenDoors {
  const isToken = secretCheck(token);
  // Cookies know no ports: two dashboards on one machine must not take each other's.
  const name = `autodidact-${createHash("sha256").update(token).digest("hex").slice(0, 12)}`;
  return {
    exchange: (context, next) => {
      const given = context.req.query("token");
      if (given === undefined || context.req.method !== "GET") return next();
      if (!isToken(given)) throw refused();
      setCookie(context, name, token, {
        httpOnly: true,
        sameSite: "Strict",
        path: "/",
      });
      return Promise.resolve(context.redirect(withoutToken(context), 303));
    },
    require: (context, next) => {
      const given =
        getCookie(context, name) ??
        bearerOf(context.req.header("authorization"));
      if (given === undefined || !isToken(given)) throw refused();
      return next();
    },
  };
}

function refused(): DashboardFailure {
  return new DashboardFailure(
    "FORBIDDEN",
    "This address needs the token of the dashboard. Open the whole address that autodidact dashboard printed; a program sends it as 'Authorization: Bearer TOKEN'.",
  );
}

/** Path and query of the same address, on this server whatever they say. */
function withoutToken(context: Context): string {
  const { pathname, searchParams } = new URL(context.req.url);
  searchParams.delete("token");
  const query = searchParams.toString();
  return `/${pathname.replace(/^\/+/, "")}${query === "" ? "" : `?${query}`}`;
}
