/**
 * @file What a server tells of itself is known before the first answer is bought, and a
 * maximum of tokens is one that its context has room for.
 */
import { afterEach, describe, expect, it } from "vitest";
import { openEndpoint } from "../../src/endpoints/endpoint.js";
import type { EndpointParts } from "../../src/endpoints/endpoint.js";
import type { EndpointSettings } from "../../src/endpoints/transport/endpoint-settings.js";
import { memoryStore } from "./memory-store.js";
import { startLocalServer } from "./local-server.js";

type Body = Readonly<Record<string, unknown>>;

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

const LONG = 100_000;

/** A server with a context in characters, of which one is one token, that refuses as vLLM does. */
async function serve(
  list: unknown,
  {
    context = LONG,
    counts = true,
  }: { context?: number; counts?: boolean } = {},
) {
  const bodies: Body[] = [];
  let lists = 0;
  const server = await startLocalServer((body, _request, response) => {
    if (body === undefined) {
      lists++;
      if (typeof list === "object") return list;
      response.writeHead(list === "hang" ? 200 : 404);
      if (list !== "hang") response.end(list);
      return undefined;
    }
    bodies.push(body);
    const prompt = String(body["prompt"]).length;
    const most = Number(body["max_tokens"]);
    if (prompt + most <= context)
      return {
        choices: [{ text: "a".repeat(most), finish_reason: "length" }],
        usage: { prompt_tokens: prompt, completion_tokens: most },
      };
    response.statusCode = 400;
    return {
      error: {
        message: counts
          ? `This model's maximum context length is ${context} tokens. However, you requested ${prompt + most} tokens (${prompt} in the messages, ${most} in the completion).`
          : `max_tokens=${most} cannot be greater than max_model_len=${context}`,
      },
    };
  });
  opened.push(() => server.close());
  return {
    bodies,
    url: `${server.url}/v1`,
    get lists() {
      return lists;
    },
  };
}

function connect(
  baseUrl: string,
  settings: Partial<EndpointSettings> = {},
  parts: EndpointParts = {},
) {
  const notices: string[] = [];
  const model = openEndpoint(
    { baseUrl, model: "m", ...settings },
    { environment: {}, onNotice: (notice) => notices.push(notice), ...parts },
  );
  opened.push(() => model.close());
  return { model, notices };
}

const request = (prompt: string, maxTokens = 1024) => ({
  ...{ prompt, maxTokens, n: 1, seed: 5, temperature: 0.7, topP: 0.9 },
  ...{ topK: 0, stop: [] },
});

const vllm = (max_model_len?: number) => ({
  data: [{ id: "m", owned_by: "vllm", max_model_len }],
});

describe("a server's list of models", () => {
  it("is read once, before the first of many requests", async () => {
    const server = await serve(vllm());
    const { model, notices } = connect(server.url);
    await model.generate([1, 2, 3].map((n) => request(`q${n}`)));
    await model.generate([request("another")]);
    expect(server.lists).toBe(1);
    expect(server.bodies[0]).toMatchObject({ top_k: -1 });
    expect(notices).toEqual([
      `${server.url} is spoken to as vLLM: the maximum of tokens in max_tokens.`,
    ]);
    expect(model.status()).toMatchObject({ attempts: 4, answered: 4 });
  });

  it("changes nothing that a recording knows the answers by", async () => {
    const store = memoryStore();
    const named = await serve(vllm(LONG));
    const settings = { name: "server" };
    await connect(named.url, settings, { store }).model.generate([
      request("q"),
    ]);
    const other = await serve("nothing here");
    const again = connect(other.url, settings, { store });
    await again.model.generate([request("q")]);
    expect(other.bodies).toEqual([]);
    expect(other.lists).toBe(0);
    expect(again.notices).toEqual([]);
  });

  it.each([
    ["a dialect that was set", { dialect: "ollama" as const }, "Ollama"],
    ["the list", {}, "vLLM"],
  ])("gives way to %s", async (_what, settings, title) => {
    const server = await serve(vllm());
    const { model, notices } = connect(server.url, settings);
    await model.generate([request("q")]);
    expect(notices.join()).toContain(`is spoken to as ${title}:`);
  });

  it("is not asked for where all is set", async () => {
    const server = await serve(vllm(10));
    const settings = { dialect: "vllm" as const, contextLength: 500 };
    await connect(server.url, settings).model.generate([request("q")]);
    expect(server.lists).toBe(0);
    expect(server.bodies[0]?.["max_tokens"]).toBe(500 - 33);
  });

  it.each([["<html>no such page</html>"], ["{}"]])(
    "may be missing: %s",
    async (text) => {
      const server = await serve(text);
      const { model, notices } = connect(server.url);
      expect(await model.generate([request("q")])).toHaveLength(1);
      expect(notices).toEqual([]);
    },
  );

  it("is done without when it never comes", { timeout: 60_000 }, async () => {
    const server = await serve("hang");
    const { model } = connect(server.url);
    await model.generate([request("q")]);
    await model.generate([request("r")]);
    expect(server.lists).toBe(1);
  });

  it("that is something else is told of, and what was expected", async () => {
    const server = await serve({ nothing: "here" });
    const { model, notices } = connect(server.url);
    await model.generate([request("q")]);
    expect(notices).toEqual([
      `${server.url} has no list of models: GET /models gave the JSON "{"nothing":"here"}" (HTTP 200), expected {"data": [{"id": "…"}, …]}. What it does not tell is taken from the settings.`,
    ]);
  });
});

describe("a maximum of tokens", () => {
  it("is what the prompt leaves of a context that the list tells", async () => {
    const server = await serve(vllm(256), { context: 256 });
    const { model, notices } = connect(server.url);
    const [[answer] = []] = await model.generate([request("x".repeat(30))]);
    expect(answer).toMatchObject({ finishReason: "length" });
    expect(server.bodies.map((body) => body["max_tokens"])).toEqual([
      256 - 32 - 9,
    ]);
    expect(notices.join()).toContain(
      'The context of "m" there has 256 tokens: an answer gets what its prompt leaves.',
    );
  });

  it.each([
    ["and the prompt's tokens", true, [1024, 56]],
    ["alone, and tried once more beside a guess", false, [1024]],
  ])(
    "is learned from a refusal that tells the context %s",
    async (_, counts, sent) => {
      const server = await serve("none", { context: 256, counts });
      const { model } = connect(server.url);
      const asked = model.generate([request("x".repeat(200))]);
      if (counts) await asked;
      else await expect(asked).rejects.toThrow("max_model_len=256");
      expect(server.bodies.map((body) => body["max_tokens"])).toEqual([
        ...sent,
        ...(counts ? [] : [256 - 32 - 60]),
      ]);
    },
  );

  it("leaves a prompt to the server that has no room for an answer", async () => {
    const server = await serve(vllm(256), { context: 256 });
    const { model } = connect(server.url);
    await expect(
      model.generate([request("x".repeat(255))]),
    ).rejects.toMatchObject({
      code: "ENDPOINT",
      message: expect.stringContaining("is too long for the model") as unknown,
    });
    expect(server.bodies.length).toBeLessThan(3);
  });

  it("that fits is sent as it is", async () => {
    const server = await serve(vllm(256), { context: 256 });
    const { model } = connect(server.url);
    await model.generate([request("x".repeat(30), 20)]);
    expect(server.bodies[0]?.["max_tokens"]).toBe(20);
  });
});
