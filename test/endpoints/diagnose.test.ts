/**
 * @file Each thing that can be wrong with an endpoint has its own verdict.
 */
import { afterEach, describe, expect, it } from "vitest";
import { diagnoseEndpoint } from "../../src/endpoints/diagnose.js";
import type { EndpointSettings } from "../../src/endpoints/transport/endpoint-settings.js";
import { startFaultServer } from "./fault-server.js";
import type { FaultServerOptions } from "./fault-server.js";
import { startLocalServer } from "./local-server.js";

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

async function faulty(options: FaultServerOptions) {
  const server = await startFaultServer(options);
  opened.push(() => server.kill());
  return server;
}

async function listening(
  answer: Parameters<typeof startLocalServer>[0],
): Promise<string> {
  const server = await startLocalServer(answer);
  opened.push(() => server.close());
  return server.url;
}

function diagnose(
  baseUrl: string,
  more: {
    readonly settings?: Partial<EndpointSettings>;
    readonly environment?: Record<string, string>;
    readonly plannedTokens?: number;
    readonly spendOneToken?: boolean;
    readonly timeoutMs?: number;
  } = {},
) {
  const { settings, environment = {}, spendOneToken = true, ...rest } = more;
  return diagnoseEndpoint(
    { baseUrl, model: "m", ...settings },
    { environment, spendOneToken, ...rest },
  );
}

describe("diagnoseEndpoint", () => {
  it("finds a server that is ready, with its context length", async () => {
    const server = await faulty({ model: "m", context: 4096 });
    const diagnosis = await diagnose(server.url, { plannedTokens: 4096 });
    expect(diagnosis).toMatchObject({
      verdict: "ready",
      message: `${server.url} serves "m" with a context of 4096 tokens.`,
      models: ["m"],
      contextLength: 4096,
    });
    expect(server.received).toBe(1);
  });

  it("spends nothing where it may not", async () => {
    const server = await faulty({ model: "m" });
    const free = await diagnose(server.url, { spendOneToken: false });
    expect(free.verdict).toBe("ready");
    const wrong = await diagnose(server.url, {
      spendOneToken: false,
      settings: { model: "other" },
    });
    expect(wrong.verdict).toBe("wrong-model");
    expect(server.received).toBe(0);
  });

  it("finds that nobody listens", async () => {
    const server = await startFaultServer();
    await server.kill();
    const diagnosis = await diagnose(server.url);
    expect(diagnosis.verdict).toBe("refused");
    expect(diagnosis.message).toMatch(/cannot be reached \(.*ECONNREFUSED/);
    expect(diagnosis.message).toMatch(
      /Start the server, or correct the address/,
    );
  });

  it("finds that the host has no address", async () => {
    const diagnosis = await diagnose("http://no-such-host.invalid/v1");
    expect(diagnosis.verdict).toBe("no-such-host");
  });

  it("finds that the server says nothing", async () => {
    const url = await listening(() => undefined);
    const diagnosis = await diagnose(`${url}/v1`, { timeoutMs: 100 });
    expect(diagnosis.verdict).toBe("silent");
  });

  it("finds https spoken to a port without it", async () => {
    const url = await listening(() => undefined);
    const diagnosis = await diagnose(`${url.replace("http:", "https:")}/v1`);
    expect(diagnosis.verdict).toBe("tls");
  });

  it("finds a web server that is no API", async () => {
    const url = await listening((_body, _request, response) => {
      response.setHeader("content-type", "text/html");
      response.end("<!doctype html><title>Welcome</title>");
    });
    const diagnosis = await diagnose(url);
    expect(diagnosis.verdict).toBe("not-an-api");
    expect(diagnosis.message).toBe(
      `${url} does not answer like an OpenAI-compatible API: POST /chat/completions gave a web page (HTTP 200), expected {"choices": […]}. The base address usually ends in "/v1".`,
    );
  });

  it.each([
    ["application/json", '{"models_here":1}', 'the JSON "{"models_here":1}"'],
    ["application/json", '{"data":[{"n":1}]}', 'the JSON "{"data":[{"n":1}]}"'],
    ["text/plain", "", "an empty answer"],
    ["text/plain", "Hello\u001b[2J", '"Hello\\u001b[2J"'],
    ["text/html", "<html>Log in</html>", "a web page"],
  ])(
    "says what came for a list of the type %s that is %j",
    async (type, text, what) => {
      const url = await listening((body, _request, response) => {
        if (body !== undefined)
          return { choices: [{ message: { content: "H" } }] };
        response.setHeader("content-type", type);
        response.end(text);
        return undefined;
      });
      const came = `GET /models gave ${what} (HTTP 200), expected {"data": [{"id": "…"}, …]}`;
      const free = { spendOneToken: false };
      expect(await diagnose(`${url}/v1`, free)).toMatchObject(
        type === "text/html"
          ? {
              verdict: "not-an-api",
              message: `${url}/v1 does not answer like an OpenAI-compatible API: ${came}. Check host and port.`,
            }
          : {
              verdict: "unlisted",
              message: `${url}/v1 answers and has no list of models that can be read (${came}), so it is not known whether it serves "m". Many servers have no list; one token of the model would tell.`,
            },
      );
      expect(await diagnose(`${url}/v1`)).toMatchObject({
        verdict: "ready",
        message: `${url}/v1 serves "m". It has no list of models: ${came}.`,
      });
      expect(
        await diagnose(url, { ...free, settings: { model: "" } }),
      ).toMatchObject({
        verdict: type === "text/html" ? "not-an-api" : "unlisted",
        message: expect.stringMatching(
          /The base address usually ends in "\/v1"\.$/,
        ) as string,
      });
    },
  );

  it.each([
    { data: [{ id: "other" }, { object: "model" }] },
    { data: [{ id: "other" }], has_more: true },
  ])(
    "leaves open what is not in the part that it can read: %j",
    async (list) => {
      const url = await listening((body) => (body === undefined ? list : {}));
      expect(
        await diagnose(`${url}/v1`, { spendOneToken: false }),
      ).toMatchObject({ verdict: "unlisted", models: ["other"] });
    },
  );

  it("finds a JSON server that is no API", async () => {
    const url = await listening((_body, _request, response) => {
      response.statusCode = 404;
      return { message: "no such page" };
    });
    const diagnosis = await diagnose(url);
    expect(diagnosis.verdict).toBe("not-an-api");
  });

  it("finds a wrong key, and that none was sent", async () => {
    const server = await faulty({ key: "right-key-123", model: "m" });
    const wrong = await diagnose(server.url, {
      settings: { apiKeyVariable: "LAB_KEY" },
      environment: { LAB_KEY: "wrong-key-456" },
    });
    expect(wrong.verdict).toBe("wrong-key");
    expect(wrong.message).toContain("The key came from LAB_KEY");
    expect(JSON.stringify(wrong)).not.toContain("wrong-key-456");
    const none = await diagnose(server.url);
    expect(none.message).toContain("No key was sent");
    const right = await diagnose(server.url, {
      settings: { apiKeyVariable: "LAB_KEY" },
      environment: { LAB_KEY: "right-key-123" },
    });
    expect(right.verdict).toBe("ready");
  });

  it("finds a wrong model and lists those that are there", async () => {
    const server = await faulty({ model: "the-only-one" });
    const diagnosis = await diagnose(server.url);
    expect(diagnosis.verdict).toBe("wrong-model");
    expect(diagnosis.message).toContain('does not serve "m"');
    expect(diagnosis.message).toContain("It has: the-only-one.");
    expect(diagnosis.models).toEqual(["the-only-one"]);
  });

  it("finds prompts too long for the context before any is sent", async () => {
    const server = await faulty({ model: "m", context: 512 });
    const diagnosis = await diagnose(server.url, { plannedTokens: 600 });
    expect(diagnosis.verdict).toBe("context-too-long");
    expect(diagnosis.message).toContain("a context of 512 tokens");
    expect(server.received).toBe(0);
  });

  it.each([
    [{ status: 402 }, "no-credit"],
    [{ status: 429 }, "overloaded"],
    [{ status: 500 }, "failing"],
    [{ status: 422 }, "failing"],
  ] as const)("tells %j from the others: %s", async (fault, verdict) => {
    const server = await faulty({ model: "m", faultFor: () => fault });
    expect((await diagnose(server.url)).verdict).toBe(verdict);
  });

  it("finds a model that takes plain prompts only, and how to ask it", async () => {
    const paths: string[] = [];
    const url = await listening((body, request, response) => {
      if (body === undefined) return { data: [{ id: "m" }] };
      paths.push(request.url ?? "");
      if (!/chat/.test(request.url ?? "")) return { choices: [{ text: "H" }] };
      response.statusCode = 404;
      return {
        error: {
          message:
            "This is not a chat model and thus not supported in the v1/chat/completions endpoint. Did you mean to use v1/completions?",
        },
      };
    });
    expect(await diagnose(`${url}/v1`)).toMatchObject({
      verdict: "ready",
      message: `${url}/v1 serves "m". It answers plain prompts only, no chats.`,
      advice: "plain-prompts",
    });
    expect(paths).toEqual(["/v1/chat/completions", "/v1/completions"]);
    expect(await diagnose(`${url}/v1`, { spendOneToken: false })).toMatchObject(
      {
        verdict: "ready",
        message: `${url}/v1 serves "m". Its list does not tell whether it takes chats or plain prompts only; one token would.`,
        advice: "ask-for-a-token",
      },
    );
    const chat = await diagnose(`${url}/v1`, { settings: { api: "chat" } });
    expect(chat.verdict).toBe("no-chat");
    expect(chat.message).toContain("in the style of completions");
    expect(
      (await diagnose(`${url}/v1`, { settings: { api: "completions" } }))
        .message,
    ).toBe(`${url}/v1 serves "m".`);
  });

  it("believes an answer more than the list", async () => {
    const url = await listening((body) =>
      body === undefined
        ? { data: [{ id: "something-else" }] }
        : { choices: [{ message: { content: "H" } }] },
    );
    const diagnosis = await diagnose(`${url}/v1`);
    expect(diagnosis.verdict).toBe("ready");
    expect(diagnosis.message).toContain("not in the server's list");
  });
});
