/**
 * @file Every row of the dialect table against what its servers publish, through the
 * real client over HTTP. A row without a fixture fails.
 */
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import {
  DIALECTS,
  DIALECT_NAMES,
  dialectAt,
  type DialectName,
} from "../../src/endpoints/dialects/dialect.js";
import { openEndpoint } from "../../src/endpoints/endpoint.js";
import type { EndpointSettings } from "../../src/endpoints/transport/endpoint-settings.js";
import { failureOfStatus } from "../../src/endpoints/transport/failure.js";
import { startLocalServer } from "./local-server.js";
import { memoryStore } from "./memory-store.js";

/** See the README beside the fixtures. */
interface Fixture {
  readonly source: string;
  readonly model: string;
  /** Where the address tells the dialect. */
  readonly address?: string;
  /** Whether the list of models tells it. */
  readonly byList?: boolean;
  readonly contextLength?: number;
  readonly models: unknown;
  /** Of the answers. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly answer: unknown;
  readonly stream: readonly unknown[];
  /** Lines of a stream that are no data. */
  readonly comments?: readonly string[];
  readonly cut: unknown;
  readonly usage: Readonly<Record<string, number>>;
  readonly refusal: {
    readonly status: number;
    readonly body: unknown;
    readonly field: string;
  };
  readonly busy: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
    readonly waitMs: number;
  };
}

interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly text: string;
}

type Body = Readonly<Record<string, unknown>>;

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

const fixtureOf = (name: DialectName): Fixture =>
  JSON.parse(
    readFileSync(`test/fixtures/dialects/${name}.json`, "utf8"),
  ) as Fixture;

const json = (body: unknown): string =>
  typeof body === "string" ? body : JSON.stringify(body);

/** A server with the fixture's list that gives one reply after the other. */
async function serve(fixture: Fixture, replies: readonly Reply[]) {
  const bodies: Body[] = [];
  const keys: unknown[] = [];
  const server = await startLocalServer((body, request, response) => {
    if (body === undefined) return fixture.models;
    keys.push(request.headers["api-key"] ?? request.headers.authorization);
    const reply = replies[bodies.length] ?? {
      status: 404,
      text: "a request too many",
    };
    bodies.push(body);
    response.writeHead(reply.status ?? 200, reply.headers);
    response.end(reply.text);
    return undefined;
  });
  opened.push(() => server.close());
  return { bodies, keys, url: `${server.url}/v1` };
}

function connect(
  name: DialectName,
  fixture: Fixture,
  url: string,
  more: Partial<EndpointSettings> = {},
) {
  const store = memoryStore();
  const notices: string[] = [];
  const model = openEndpoint(
    {
      ...{ baseUrl: url, model: fixture.model, apiKeyVariable: "LAB_KEY" },
      ...(fixture.byList === true ? {} : { dialect: name }),
      ...more,
    },
    {
      store,
      environment: { LAB_KEY: "lab-key-0123456789" },
      onNotice: (notice) => notices.push(notice),
    },
  );
  opened.push(() => model.close());
  const ask = (maxTokens = 20) =>
    model
      .generate([
        {
          prompt: [{ role: "user", content: "The capital of France?" }],
          ...{ n: 1, seed: 5, maxTokens, stop: ["END"] },
          ...{ temperature: 0.7, topP: 0.9, topK: 5, presencePenalty: 0.5 },
        },
      ])
      .then(([completions]) => completions?.[0]);
  const usage = () => [...store.calls.values()][0]?.usage;
  return { ask, usage, notices };
}

describe.each(DIALECT_NAMES)("%s", (name) => {
  const row = DIALECTS[name];

  it("is told by its address, or by its list of models", async () => {
    const { address, byList = false, ...fixture } = fixtureOf(name);
    expect(fixture.source).not.toBe("");
    if (address !== undefined)
      expect(dialectAt(new URL(address), fixture.model)).toBe(name);
    if (!byList) return;
    const server = await serve(fixture, [{ text: json(fixture.answer) }]);
    const { ask, notices } = connect(name, { ...fixture, byList }, server.url);
    await ask();
    expect(notices.join()).toContain(`is spoken to as ${row.title}:`);
  });

  it("is spoken to in its own fields", async () => {
    const fixture = fixtureOf(name);
    const server = await serve(fixture, [{ text: json(fixture.answer) }]);
    await connect(name, fixture, server.url).ask();
    const [body = {}] = server.bodies;
    expect(body[row.maxTokensField]).toBe(20);
    expect(Object.keys(body)).not.toEqual(
      expect.arrayContaining([
        row.maxTokensField === "max_tokens"
          ? "max_completion_tokens"
          : "max_tokens",
      ]),
    );
    for (const field of row.omit ?? []) expect(body).not.toHaveProperty(field);
    expect(server.keys).toEqual([
      row.keyHeader === undefined
        ? "Bearer lab-key-0123456789"
        : "lab-key-0123456789",
    ]);
  });

  it.each(["whole", "stream"] as const)(
    "answers %s, without its thoughts and with all that was used",
    async (form) => {
      const fixture = fixtureOf(name);
      const { answer, stream, comments = [], headers } = fixture;
      const pieces = stream.map((piece) => `data: ${json(piece)}\n\n`);
      const text =
        form === "whole"
          ? json(answer)
          : [...comments.map((line) => `${line}\n\n`), ...pieces].join("") +
            "data: [DONE]\n\n";
      const server = await serve(fixture, [{ text, headers }]);
      const { ask, usage } = connect(name, fixture, server.url, {
        stream: form === "stream",
      });
      expect(await ask()).toMatchObject({
        text: "Paris.",
        finishReason: "stop",
      });
      const { cachedPromptTokens: _cached, ...counted } = fixture.usage;
      expect(usage()).toMatchObject(counted);
      if (form === "whole") expect(usage()).toMatchObject(fixture.usage);
    },
  );

  it("says when an answer was cut off", async () => {
    const fixture = fixtureOf(name);
    const server = await serve(fixture, [{ text: json(fixture.cut) }]);
    expect(await connect(name, fixture, server.url).ask()).toMatchObject({
      text: "Par",
      finishReason: "length",
    });
  });

  it("teaches a field that it refuses", async () => {
    const fixture = fixtureOf(name);
    const { status, body, field } = fixture.refusal;
    const server = await serve(fixture, [
      { status, text: json(body) },
      { text: json(fixture.answer) },
    ]);
    const { ask, notices } = connect(name, fixture, server.url);
    expect(await ask()).toMatchObject({ text: "Paris." });
    const [first, second] = server.bodies;
    expect(first).toHaveProperty(field);
    expect(second).not.toHaveProperty(field);
    expect(notices.join()).toContain(`refuses the field "${field}"`);
  });

  it("is left alone as long as it asks", async () => {
    const fixture = fixtureOf(name);
    const { status, headers, body, waitMs } = fixture.busy;
    expect(
      failureOfStatus({ status, headers, text: json(body) }, Date.now()),
    ).toMatchObject({ kind: "overloaded", retryAfterMs: waitMs });
    // One who has less patience than it asks for does not ask again.
    const server = await serve(fixture, [
      { status, headers, text: json(body) },
    ]);
    const impatient = { patienceMs: waitMs - 1 };
    const { ask } = connect(name, fixture, server.url, impatient);
    await expect(ask()).rejects.toMatchObject({
      code: "ENDPOINT",
      details: { failure: "overloaded", attempts: 1 },
    });
  });

  it("tells its model's context, where it does", async () => {
    const fixture = fixtureOf(name);
    const server = await serve(fixture, [{ text: json(fixture.answer) }]);
    const { ask, notices } = connect(name, fixture, server.url);
    await ask(100_000);
    const { contextLength } = fixture;
    const told = /has (\d[\d,]*) tokens/.exec(notices.join())?.[1];
    expect(told === undefined ? undefined : Number(told.replace(",", ""))).toBe(
      contextLength,
    );
    const most = Number(server.bodies[0]?.[row.maxTokensField]);
    if (contextLength === undefined) expect(most).toBe(100_000);
    else expect(most).toBeLessThan(contextLength);
  });
});
