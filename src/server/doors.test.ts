import { Hono, type MiddlewareHandler } from "hono";
import { describe, expect, it } from "vitest";
import { ApiError } from "./api-error.js";
import { requireKey, requireLoopbackName } from "./doors.js";

/** The status of a request with these headers, 200 where it comes through. */
async function statusOf(
  door: MiddlewareHandler,
  headers: Readonly<Record<string, string>>,
): Promise<number> {
  const app = new Hono();
  app.onError((thrown) => {
    if (!(thrown instanceof ApiError)) throw thrown;
    return new Response(null, { status: thrown.status });
  });
  app.use(door);
  app.get("/", (context) => context.text("in"));
  return (await app.request("/", { headers })).status;
}

describe("a name by which the server is called", () => {
  it.each([
    ["localhost:8000", 200],
    ["127.0.0.1:8000", 200],
    ["[::1]:8000", 200],
    ["model.localhost", 200],
    ["example.com:8000", 403],
    ["127.0.0.1.example.com", 403],
    ["", 403],
  ])("%s is answered %s", async (host, status) => {
    expect(await statusOf(requireLoopbackName, { host })).toBe(status);
  });
});

describe("a key", () => {
  it.each([
    ["Bearer secret", 200],
    ["bearer secret", 200],
    ["Bearer secret2", 401],
    ["Bearer ", 401],
    ["Basic secret", 401],
  ])("%s is answered %s", async (authorization, status) => {
    expect(await statusOf(requireKey("secret"), { authorization })).toBe(
      status,
    );
    expect(await statusOf(requireKey("secret"), {})).toBe(401);
  });
});
