import { describe, expect, it } from "vitest";
import { readErrorBody } from "./error-body.js";
import { parseWait, waitHint } from "./wait-hints.js";

const NOON = Date.UTC(2026, 0, 31, 12, 0, 0);

describe("parseWait", () => {
  it.each([
    ["7", 7000],
    [" 0 ", 0],
    ["1.5", 1500],
    ["7s", 7000],
    ["20ms", 20],
    ["6m0s", 360_000],
    ["1m30.5s", 90_500],
    ["Sat, 31 Jan 2026 12:00:30 GMT", 30_000],
    ["Saturday, 31-Jan-26 12:00:30 GMT", 30_000],
    ["Sat Jan 31 12:00:30 2026 GMT", 30_000],
    ["Sat, 31 Jan 2026 11:59:00 GMT", 0],
    ["2026-01-31T12:00:07Z", 7000],
    [String(NOON / 1000 + 7), 7000],
    [String(NOON + 7000), 7000],
  ])("reads %s", (header, milliseconds) => {
    expect(parseWait(header, NOON)).toBe(milliseconds);
  });

  it.each([
    undefined,
    "",
    "soon",
    "-3",
    "7 seconds",
    "Sat, nonsense",
    "7s or so",
  ])("passes over %s", (header) => {
    expect(parseWait(header, NOON)).toBeUndefined();
  });
});

describe("what a refusal says about waiting", () => {
  const nothing = readErrorBody("");
  const hint = (headers: Record<string, string>, body: unknown = "") =>
    waitHint(
      headers,
      body === "" ? nothing : readErrorBody(JSON.stringify(body)),
      NOON,
    );

  it.each([
    [{ "retry-after": "7" }],
    [{ "retry-after": "7s" }],
    [{ "retry-after-ms": "7000" }],
    [{ "x-ratelimit-reset-requests": "7s" }],
    [{ "x-ratelimit-reset": String(NOON + 7000) }],
    [{ "anthropic-ratelimit-tokens-reset": "2026-01-31T12:00:07Z" }],
    [
      {
        "x-ratelimit-remaining-requests": "9",
        "x-ratelimit-reset-requests": "50s",
        "x-ratelimit-remaining-tokens": "0",
        "x-ratelimit-reset-tokens": "7s",
      },
    ],
  ] as Record<string, string>[][])("is found in %j", (headers) => {
    expect(hint(headers ?? {})).toBe(7000);
  });

  it.each([
    [
      [
        {
          error: {
            code: 429,
            status: "RESOURCE_EXHAUSTED",
            message: "Quota.",
            details: [
              {
                "@type": "type.googleapis.com/google.rpc.RetryInfo",
                retryDelay: "7s",
              },
            ],
          },
        },
      ],
    ],
    [{ error: { message: "Rate limit reached. Please try again in 7s." } }],
    [{ error: { message: "Please retry in 7.0s." } }],
    [{ message: "Try again after 7000ms" }],
  ])("is found in the body %j", (body) => {
    expect(hint({}, body)).toBe(7000);
  });

  it("believes a promise, and other hints for a minute at most", () => {
    expect(hint({ "retry-after": "3600" })).toBe(3_600_000);
    expect(hint({ "x-ratelimit-reset-tokens": "8h" })).toBe(60_000);
    expect(hint({})).toBeUndefined();
  });
});
