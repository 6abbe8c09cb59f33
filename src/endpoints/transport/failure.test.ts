import { describe, expect, it } from "vitest";
import {
  concernsAll,
  deservesRetry,
  endpointError,
  failureOfContent,
  failureOfError,
  failureOfStatus,
} from "./failure.js";
import { wholeAnswer } from "./whole-answer.js";

function statusFailure(status: number, body: unknown, retryAfter?: string) {
  return failureOfStatus(
    {
      status,
      headers: retryAfter === undefined ? {} : { "retry-after": retryAfter },
      text: typeof body === "string" ? body : JSON.stringify(body),
    },
    0,
  );
}

describe("failureOfStatus", () => {
  // Bodies as the named servers send them.
  it.each([
    [
      401,
      {
        error: {
          message: "Incorrect API key provided",
          code: "invalid_api_key",
        },
      },
      "wrong-key",
    ],
    [403, "Forbidden", "wrong-key"],
    [
      403,
      {
        error: {
          code: 403,
          message:
            'm requires moderation. Your input was flagged for "violence".',
          metadata: { reasons: ["violence"], flagged_input: "…" },
        },
      },
      "moderated",
    ],
    [
      400,
      {
        error: {
          code: "content_filter",
          message: "The response was filtered. The model does not exist here.",
          innererror: { code: "ResponsibleAIPolicyViolation" },
        },
      },
      "moderated",
    ],
    [
      400,
      {
        error: {
          message:
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
          param: "max_tokens",
          code: "unsupported_parameter",
        },
      },
      "refused",
    ],
    [
      400,
      { error: { message: "The 'top_k' of this model is not supported." } },
      "refused",
    ],
    [
      400,
      [
        {
          error: {
            code: 400,
            status: "INVALID_ARGUMENT",
            message: "API key not valid.",
            details: [{ reason: "API_KEY_INVALID" }],
          },
        },
      ],
      "wrong-key",
    ],
    [
      400,
      {
        error: { message: "bad", type: "invalid_request_error" },
        echo: "The model is not found, its context length is exceeded, insufficient_quota",
      },
      "refused",
    ],
    [
      404,
      {
        error: {
          message: "The model `x` does not exist.",
          type: "NotFoundError",
        },
      },
      "wrong-model",
    ],
    [
      404,
      { error: { message: 'model "x" not found, try pulling it first' } },
      "wrong-model",
    ],
    [400, { detail: "Server is pinned to 'a'; requested 'b'." }, "wrong-model"],
    [
      404,
      {
        error: {
          message:
            "This is not a chat model and thus not supported in the v1/chat/completions endpoint. Did you mean to use v1/completions?",
          type: "invalid_request_error",
          param: "model",
        },
      },
      "no-chat",
    ],
    [
      400,
      {
        object: "error",
        message:
          "As of transformers v4.44, default chat template is no longer allowed, so you must provide a chat template if the tokenizer does not define one.",
        type: "BadRequestError",
      },
      "no-chat",
    ],
    [
      500,
      {
        detail:
          "Cannot use chat template functions because tokenizer.chat_template is not set and no template argument was passed!",
      },
      "no-chat",
    ],
    [
      500,
      {
        error: {
          code: 500,
          message: "this custom template is not supported, try using --jinja",
          type: "server_error",
        },
      },
      "no-chat",
    ],
    [
      400,
      { error: { message: '"m:latest" does not support chat' } },
      "no-chat",
    ],
    [
      422,
      {
        error: "Template error: template not found",
        error_type: "template_error",
      },
      "no-chat",
    ],
    [
      404,
      {
        error: {
          message:
            "This is a chat model and not supported in the v1/completions endpoint. Did you mean to use v1/chat/completions?",
        },
      },
      "no-completions",
    ],
    [
      404,
      {
        error: {
          message: "The chat model `template-chat` does not exist.",
        },
      },
      "wrong-model",
    ],
    [404, { detail: "Not Found" }, "wrong-address"],
    [301, "", "moved"],
    [308, "", "moved"],
    [
      400,
      {
        error: {
          code: "context_length_exceeded",
          message: "This model's maximum context length is 8192 tokens.",
        },
      },
      "context-too-long",
    ],
    [
      400,
      {
        error: {
          message:
            "the request exceeds the available context size (512 tokens)",
        },
      },
      "context-too-long",
    ],
    [413, "", "context-too-long"],
    [
      400,
      { error: { message: "temperature must be between 0 and 2" } },
      "refused",
    ],
    [422, { detail: "Unexpected fields in the request: {'top_k'}" }, "refused"],
    [402, "", "no-credit"],
    [
      429,
      {
        error: {
          code: "insufficient_quota",
          message: "You exceeded your current quota",
        },
      },
      "no-credit",
    ],
    [429, { error: { message: "Rate limit reached" } }, "overloaded"],
    [
      429,
      [
        {
          error: {
            code: 429,
            message:
              "You exceeded your current quota, please check your plan and billing details.",
            status: "RESOURCE_EXHAUSTED",
          },
        },
      ],
      "overloaded",
    ],
    ...[
      [400, "Your credit balance is too low to access the Anthropic API."],
      [400, "Budget has been exceeded! Current cost: 10.2, Max budget: 10.0"],
      [403, "Sorry, your account balance is insufficient"],
      [403, "账户余额不足"],
      [403, "Out of call volume quota. Quota will be replenished in 10 days."],
      [429, "您的账户已欠费，请充值后重试。"],
      [429, "余额不足或无可用资源包,请充值。"],
      [422, "insufficient quota"],
    ].map(([status, message]): [number, object, string] => [
      Number(status),
      { error: { message } },
      "no-credit",
    ]),
    [400, { error: { type: "budget_exceeded", code: "400" } }, "no-credit"],
    [400, { error: { message: "quotation marks exceeded" } }, "refused"],
    [429, { error: { message: "Quota exceeded for requests" } }, "overloaded"],
    [
      410,
      { error: { message: "The requested model is deprecated." } },
      "wrong-model",
    ],
    [503, "overloaded", "overloaded"],
    [529, "", "overloaded"],
    [408, "", "again"],
    [409, "", "again"],
    [500, { error: "boom" }, "again"],
    [502, "<html>Bad gateway</html>", "again"],
    [504, "", "again"],
  ])("calls HTTP %i with %j %s", (status, body, kind) => {
    expect(statusFailure(status, body).kind).toBe(kind);
  });

  it("quotes the server's own words on one line", () => {
    expect(
      statusFailure(400, { error: { message: "bad\n  thing" } }).evidence,
    ).toBe("HTTP 400: bad thing");
    expect(statusFailure(502, "<html>…").evidence).toBe(
      "HTTP 502: an HTML page",
    );
  });

  it("carries Retry-After", () => {
    expect(statusFailure(429, "", "3").retryAfterMs).toBe(3000);
  });
});

describe("failureOfError", () => {
  const coded = (code: string) => Object.assign(new Error("x"), { code });

  it.each([
    ["ECONNREFUSED", "unreachable"],
    ["ENOTFOUND", "unreachable"],
    ["UND_ERR_CONNECT_TIMEOUT", "unreachable"],
    ["ECONNRESET", "again"],
    ["UND_ERR_SOCKET", "again"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "tls"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "tls"],
    ["CERT_HAS_EXPIRED", "tls"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "tls"],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "tls"],
    ["EPROTO", "tls"],
  ])("calls %s %s", (code, kind) => {
    expect(failureOfError(coded(code)).kind).toBe(kind);
  });

  it("finds the code in a cause, and in the first of several attempts", () => {
    expect(
      failureOfError(new Error("x", { cause: coded("ECONNREFUSED") })).kind,
    ).toBe("unreachable");
    expect(
      failureOfError(new AggregateError([coded("ECONNREFUSED")])).kind,
    ).toBe("unreachable");
  });
});

describe("what follows from a failure", () => {
  it("is another attempt for whatever may work next time, and only then", () => {
    const again = ["again", "slow", "overloaded", "unreachable"] as const;
    const never = [
      "wrong-key",
      "wrong-model",
      "no-chat",
      "no-completions",
      "context-too-long",
      "no-credit",
      "wrong-address",
      "refused",
    ] as const;
    expect(again.map(deservesRetry)).toEqual([true, true, true, true]);
    expect(never.map(deservesRetry)).toEqual(never.map(() => false));
  });

  it("is the end of all requests where all would fail the same way", () => {
    expect(concernsAll("wrong-key")).toBe(true);
    expect(concernsAll("no-chat")).toBe(true);
    expect(concernsAll("context-too-long")).toBe(false);
    expect(concernsAll("refused")).toBe(false);
  });

  it("is an error that says what happened and what to do", () => {
    const error = endpointError(statusFailure(401, "no"), {
      endpoint: "http://h/v1",
      model: "m",
      attempts: 1,
      answered: false,
      outage: false,
      everybody: false,
      keyVariable: "MY_KEY",
    });
    expect(error.code).toBe("ENDPOINT");
    expect(error.message).toBe(
      "The endpoint http://h/v1 refused the key (HTTP 401: no). The key came from MY_KEY: check that it is current and belongs to this endpoint.",
    );
    expect(error.details).toMatchObject({ failure: "wrong-key", status: 401 });
  });

  it("tells where a moved API is, without what was asked of it", () => {
    const failure = failureOfStatus(
      {
        status: 308,
        headers: { location: "https://me:pw@h/new/v1/chat/completions?key=s" },
        text: "",
      },
      0,
    );
    const { message } = endpointError(failure, {
      endpoint: "http://h/v1",
      model: "m",
      attempts: 1,
      answered: false,
      outage: false,
      everybody: true,
    });
    expect(message).toBe(
      "http://h/v1 sends its callers elsewhere (HTTP 308: it points to https://h/new/v1/chat/completions). A key is not carried after it: give the address https://h/new/v1 if that is the API, or log in if it is a page for that.",
    );
  });

  it.each([
    ["DEPTH_ZERO_SELF_SIGNED_CERT", /NODE_EXTRA_CA_CERTS/],
    ["CERT_HAS_EXPIRED", /renew it/],
    ["ERR_TLS_CERT_ALTNAME_INVALID", /for another name/],
    ["ERR_SSL_WRONG_VERSION_NUMBER", /give the address http:\/\/h\/v1 /],
    ["EPROTO", /give the address http:\/\/h\/v1 /],
  ])("has the remedy of %s", (code, remedy) => {
    const failure = failureOfError(Object.assign(new Error("x"), { code }));
    const { message } = endpointError(failure, {
      endpoint: "https://h/v1",
      model: "m",
      attempts: 1,
      answered: false,
      outage: false,
      everybody: true,
      proxy: "http://p:1 of HTTPS_PROXY",
    });
    expect(message).toMatch(remedy);
    expect(message).toContain("by way of the proxy http://p:1 of HTTPS_PROXY");
  });

  it("names the other style where the model is served for one only", () => {
    const messageOf = (said: string) =>
      endpointError(statusFailure(404, { error: { message: said } }), {
        endpoint: "http://h/v1",
        model: "m",
        attempts: 1,
        answered: false,
        outage: false,
        everybody: false,
      }).message;
    expect(messageOf("This is not a chat model.")).toBe(
      'The endpoint http://h/v1 serves the model "m" for plain completions only, and was asked to chat (HTTP 404: This is not a chat model). Give it plain prompts, in the style of completions. Or serve it with a chat template.',
    );
    expect(
      messageOf(
        "This is a chat model and not supported in the v1/completions endpoint.",
      ),
    ).toMatch(/for chats only.*in the style of chats\.$/u);
  });

  it("shows how a useless answer begins", () => {
    const text = `[1,\n "${"x".repeat(300)}\u001b[2J"`;
    const problem = "the answer is not JSON";
    expect(failureOfContent({ problem, text, isWhole: false })).toMatchObject({
      kind: "again",
      evidence: `the answer is not JSON (it begins "[1, "${"x".repeat(194)}…")`,
    });
  });

  it.each([
    { text: "", says: "the answer is empty", mayPass: true },
    { text: " \n", says: "the answer is empty", mayPass: true },
    {
      text: "<!doctype html>",
      says: "the answer is a web page",
      mayPass: true,
    },
    { text: "Hi", type: "text/html", says: "a web page", mayPass: true },
    {
      text: "\ufffd(",
      coding: "lzma",
      says: 'encoding "lzma"',
      mayPass: false,
    },
    { text: "{}", says: "as it was told", mayPass: false },
    { text: "Hi", says: "as it was told", mayPass: true },
  ])(
    "knows what came whole for what will be the same again: $text, $coding",
    ({ text, says, mayPass, coding, type = "text/plain" }) => {
      const failure = failureOfContent(
        { problem: "as it was told", text, isWhole: true },
        {
          headers: { "content-type": type },
          ...(coding !== undefined && { coding }),
        },
      );
      expect(failure).toMatchObject({
        kind: "unreadable",
        evidence: expect.stringContaining(says) as string,
        unread: { text, mayPass },
      });
      expect(deservesRetry(failure.kind)).toBe(false);
    },
  );

  it.each([
    [{ code: 429, msg: "slow down", success: false }, "overloaded"],
    [{ code: 500, msg: "upstream busy", success: false }, "again"],
    [
      { code: 20012, message: "Model does not exist.", data: null },
      "wrong-model",
    ],
    [{ error: { message: "The model `m` does not exist" } }, "wrong-model"],
    [{ error: "something broke" }, "again"],
    [{ object: "error", message: "no", code: 401 }, "wrong-key"],
    [{ errors: [{ message: "AiError", code: 500 }], success: false }, "again"],
    [
      {
        choices: null,
        base_resp: { status_code: 1002, status_msg: "rate limit" },
      },
      "again",
    ],
    [{ id: "job", status: "queued" }, "unreadable"],
    [{ message: "Welcome" }, "unreadable"],
  ])("reads a refusal out of an answer of status 200: %j", (body, kind) => {
    const text = JSON.stringify(body);
    const whole = wholeAnswer("chat", text, (said) => said);
    if (!("problem" in whole)) throw new Error("it is no answer");
    expect(failureOfContent(whole).kind).toBe(kind);
  });

  it.each([
    ['{"choices":[{"message":{"content":"half', "again"],
    ['{"a":{}}\n{"b":', "again"],
    ['{"a":1}\n{"done":true}\n', "unreadable"],
    ["Hello\nthere", "unreadable"],
  ])("tells what broke off from what came whole: %j", (text, kind) => {
    const whole = wholeAnswer("chat", text, (said) => said);
    if (!("problem" in whole)) throw new Error("it is no answer");
    expect(failureOfContent(whole).kind).toBe(kind);
  });
});
