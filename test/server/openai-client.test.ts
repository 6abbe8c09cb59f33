/**
 * @file The server as OpenAI's own client for Node sees it, over HTTP.
 */
import OpenAI, { APIError } from "openai";
import {
  afterAll,
  beforeAll,
  describe,
  expect,
  it,
  onTestFinished,
  vi,
} from "vitest";
import { openDevice } from "../../src/engine/runtime/device.js";
import type { EmbeddedLanguageModel } from "../../src/generation/embedded-language-model.js";
import { withLoadedModel } from "../../src/generation/loaded-model.js";
import { listen, type ModelServer } from "../../src/server/listen.js";
import type { HostedModel } from "../../src/server/hosted-model.js";

/** Its tokens are bytes, as those of most models of today. */
const CHECKPOINT = "test/fixtures/checkpoints/qwen2";
const SLOTS = 4;
const CONTEXT = 128;

let languageModel: EmbeddedLanguageModel;
let served: HostedModel;
let release = (): void => undefined;
let done: Promise<void>;
beforeAll(async () => {
  await new Promise<void>((ready) => {
    done = withLoadedModel(
      { model: CHECKPOINT, device: openDevice("cpu") },
      async (loaded) => {
        languageModel = loaded.languageModel;
        served = {
          ...(await languageModel.open(SLOTS)),
          name: "tiny",
          alias: CHECKPOINT,
          created: 1_700_000_000,
          checkpoint: loaded.checkpoint,
        };
        ready();
        await new Promise<void>((resolve) => (release = resolve));
      },
    );
  });
});
afterAll(async () => {
  release();
  await done;
});

interface ServerChanges {
  readonly model?: () => HostedModel | null;
  readonly apiKey?: string;
  readonly queue?: number;
}

async function start({
  model = () => served,
  apiKey,
  queue = 64,
}: ServerChanges = {}): Promise<ModelServer> {
  const server = await listen(
    { model, apiKey: apiKey ?? null, loopbackOnly: true, queue },
    { host: "127.0.0.1", port: 0 },
  );
  onTestFinished(() => server.close(0));
  return server;
}

function clientOf({ url }: ModelServer, apiKey = "none"): OpenAI {
  return new OpenAI({ baseURL: url, apiKey, maxRetries: 0 });
}

/** What was thrown, which has to be an error of the API. */
async function refusal(asked: Promise<unknown>): Promise<APIError> {
  const thrown: unknown = await asked.then(
    () => new Error("was answered"),
    (error: unknown) => error,
  );
  if (!(thrown instanceof APIError)) throw thrown;
  return thrown;
}

const CHATS = ["Hello there.", "Say yes.", "Why?", "one two three"].map(
  (content, i) => ({
    model: "tiny",
    messages: [{ role: "user" as const, content }],
    temperature: i % 2,
    max_tokens: 10 + 5 * i,
    n: 1 + (i % 2),
    seed: i,
  }),
);

describe("answers", () => {
  it("are the same alone, in company and in a stream", async () => {
    const client = clientOf(await start());
    const together = await Promise.all(
      CHATS.map((chat) => client.chat.completions.create(chat)),
    );
    const streamed = await Promise.all(
      CHATS.map(async (chat) => {
        const texts = new Array<string>(chat.n).fill("");
        let total = 0;
        const stream = await client.chat.completions.create({
          ...chat,
          stream: true,
          stream_options: { include_usage: true },
        });
        for await (const { choices, usage } of stream) {
          for (const { index, delta } of choices)
            texts[index] += delta.content ?? "";
          total += usage?.total_tokens ?? 0;
        }
        return { texts, total };
      }),
    );
    for (const [i, chat] of CHATS.entries()) {
      const alone = await client.chat.completions.create(chat);
      expect(together[i]?.choices).toEqual(alone.choices);
      expect(together[i]?.usage).toEqual(alone.usage);
      expect(streamed[i]).toEqual({
        texts: alone.choices.map(({ message }) => message.content),
        total: alone.usage?.total_tokens,
      });
      expect(alone.choices).toHaveLength(chat.n);
    }
  });

  it("are what the model gives in this process", async () => {
    const client = clientOf(await start());
    const prompt = "The quick brown fox";
    const answer = await client.completions.create({
      model: CHECKPOINT,
      prompt,
      temperature: 0.8,
      seed: 3,
      n: 3,
      max_tokens: 20,
      stop: ["e"],
    });
    const [expected] = await languageModel.generate([
      {
        prompt,
        n: 3,
        seed: 3,
        temperature: 0.8,
        topP: 1,
        topK: 0,
        maxTokens: 20,
        stop: ["e"],
      },
    ]);
    expect(
      answer.choices.map(({ text, finish_reason }) => [text, finish_reason]),
    ).toEqual(expected?.map(({ text, finishReason }) => [text, finishReason]));
    expect(answer.usage?.completion_tokens).toBe(
      expected?.reduce((sum, { tokens }) => sum + tokens, 0),
    );
  });

  it("repeat a prompt with the probabilities of its tokens", async () => {
    const client = clientOf(await start());
    const { tokenizer } = served.checkpoint;
    const text = "She sells sea shells on the shore";
    const ids = await tokenizer.encode(text, { addSpecialTokens: true });
    const both = await client.completions.create({
      model: "tiny",
      prompt: [ids, ids.slice(0, 3)],
      max_tokens: 1,
      temperature: 0,
      logprobs: 2,
      echo: true,
    });
    const [first, second] = both.choices;
    const { token_logprobs: logprobs = [], top_logprobs: tops = [] } =
      first?.logprobs ?? {};
    expect(first?.logprobs?.tokens).toHaveLength(ids.length + 1);
    expect(second?.logprobs?.tokens).toHaveLength(4);
    expect([logprobs[0], tops[0]]).toEqual([null, null]);
    for (const [i, top] of tops.slice(1).entries()) {
      const values = Object.values(top);
      expect(values.length).toBeGreaterThanOrEqual(2);
      expect(values).toContain(logprobs[i + 1]);
    }
    // The token that was generated greedily is the likeliest.
    expect(Math.max(...Object.values(tops.at(-1) ?? {}))).toBe(logprobs.at(-1));
    const completion = " sells sea shells on the shore";
    const [score] = await languageModel.score([{ prompt: "She", completion }]);
    const [prefix] = await tokenizer
      .encode("She", { addSpecialTokens: true })
      .then((row) => [row.length]);
    const scored = logprobs.slice(prefix, ids.length);
    // Scoring a row adds the token that ends it.
    expect(score?.tokens).toBe(scored.length + 1);
    const whole = await languageModel.score([
      { prompt: "She", completion: "" },
      { prompt: text, completion: "" },
    ]);
    expect(scored.reduce((sum, value) => sum + value, 0)).toBeCloseTo(
      (score?.logprob ?? 0) - (whole[1]?.logprob ?? 0),
      3,
    );
    const offsets = first?.logprobs?.text_offset ?? [];
    expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
    expect(first?.text.startsWith(await tokenizer.decode(ids))).toBe(true);
  });

  it("only repeat where no token is asked for", async () => {
    const client = clientOf(await start());
    const { choices, usage } = await client.completions.create({
      model: "tiny",
      prompt: "The lazy dog",
      max_tokens: 0,
      echo: true,
    });
    expect(choices).toMatchObject([
      { text: "The lazy dog", logprobs: null, finish_reason: "length" },
    ]);
    expect(usage?.completion_tokens).toBe(0);
  });

  it("tell the probabilities of a chat's tokens, whole and streamed", async () => {
    const client = clientOf(await start());
    const chat = { ...CHATS[0], n: 1, logprobs: true, top_logprobs: 3 };
    const asked = chat as typeof chat & (typeof CHATS)[number];
    const whole = await client.chat.completions.create(asked);
    const content = whole.choices[0]?.logprobs?.content ?? [];
    expect(content).toHaveLength(whole.usage?.completion_tokens ?? 0);
    for (const { logprob, bytes, top_logprobs: top } of content) {
      expect(top).toHaveLength(3);
      expect(top[0]?.logprob).toBe(logprob);
      expect(bytes).toEqual(top[0]?.bytes);
    }
    const streamed: unknown[] = [];
    const stream = await client.chat.completions.create({
      ...asked,
      stream: true,
    });
    for await (const { choices } of stream)
      streamed.push(...(choices[0]?.logprobs?.content ?? []));
    expect(streamed).toEqual(content);
  });
});

describe("a request", () => {
  const base = { model: "tiny", prompt: "The" };
  it.each([
    [{ ...base, model: "other" }, 404, "model", "model_not_found"],
    [{ ...base, foo: 1 }, 400, "foo", "unknown_parameter"],
    [{ ...base, best_of: 3 }, 400, "best_of", "unsupported_parameter"],
    [{ ...base, temperature: 3 }, 400, "temperature", "invalid_value"],
    [{ ...base, n: SLOTS + 1 }, 400, "n", "invalid_value"],
    [{ ...base, stop: [""] }, 400, "stop[0]", "invalid_value"],
    [{ ...base, prompt: [[1, 10_000]] }, 400, "prompt", "invalid_value"],
    [{ ...base, max_tokens: CONTEXT }, 400, null, "context_length_exceeded"],
  ])(
    "that cannot be answered is refused: %j",
    async (body, status, param, code) => {
      const client = clientOf(await start());
      const error = await refusal(
        client.completions.create(body as typeof base),
      );
      expect(error).toMatchObject({ status, param, code });
      expect(error.type).toBe("invalid_request_error");
    },
  );

  it("may ask for nothing in fields that are not followed", async () => {
    const client = clientOf(await start());
    const body = {
      ...base,
      best_of: 1,
      logit_bias: {},
      suffix: null,
      user: "somebody",
    };
    expect((await client.completions.create(body)).choices).toHaveLength(1);
  });

  it("is told both numbers where it is longer than the context", async () => {
    const client = clientOf(await start());
    const content = "word ".repeat(300);
    const error = await refusal(
      client.chat.completions.create({
        model: "tiny",
        messages: [{ role: "user", content }],
      }),
    );
    expect(error.code).toBe("context_length_exceeded");
    expect(error.message).toMatch(/128 tokens.*\d+ in the prompt/);
  });

  it("is refused where it is no JSON, too large, or goes nowhere", async () => {
    const { url } = await start();
    const post = (path: string, body: string) =>
      fetch(`${url}${path}`, { method: "POST", body });
    const answers = await Promise.all([
      post("/completions", "{"),
      post("/completions", " ".repeat(33 * 1024 * 1024)),
      post("/tokenize", "{}"),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([400, 413, 404]);
    for (const answer of answers)
      expect(await answer.json()).toMatchObject({
        error: { message: expect.any(String) as string, param: null },
      });
  });

  it("is turned away while too many are under way, and told when to come again", async () => {
    const client = clientOf(await start({ queue: 2 }));
    const first = await client.completions.create({
      ...base,
      prompt: ["The", "She"],
      max_tokens: 100,
      stream: true,
    });
    const error = await refusal(client.completions.create(base).then());
    expect(error.status).toBe(429);
    expect(Number(error.headers?.get("retry-after"))).toBeGreaterThan(0);
    const ended = new Set<number>();
    for await (const { choices } of first)
      for (const { index, finish_reason: reason } of choices)
        if (reason !== null) ended.add(index);
    expect([...ended].sort()).toEqual([0, 1]);
    expect((await client.completions.create(base)).choices).toHaveLength(1);
  });

  it.each([true, false])(
    "that is given up frees its slots (streamed: %s)",
    async (stream) => {
      const client = clientOf(await start({ queue: 1 }));
      const decode = vi.spyOn(served.decoder, "decode");
      onTestFinished(() => {
        decode.mockRestore();
      });
      const gone = new AbortController();
      const long = { ...base, n: SLOTS, seed: 5, max_tokens: 110 };
      const { signal } = gone;
      if (stream) {
        const events = await client.completions.create(
          { ...long, stream },
          { signal },
        );
        for await (const _ of events) gone.abort();
      } else {
        const answer = client.completions.create(long, { signal });
        await vi.waitFor(() => {
          expect(decode).toHaveBeenCalled();
        });
        gone.abort();
        await expect(answer).rejects.toThrow(/abort/);
      }
      // Admitted only after the first has left, and answered only after its slots are free.
      await untilAnswered(client);
      expect(decode.mock.settledResults.map(({ type }) => type)).toEqual([
        "rejected",
        "fulfilled",
      ]);
    },
  );

  async function untilAnswered(client: OpenAI): Promise<void> {
    const answered = await client.completions
      .create({ ...base, n: SLOTS, max_tokens: 2 })
      .then(
        () => true,
        (error: unknown) => {
          expect(error).toMatchObject({ status: 429 });
          return false;
        },
      );
    if (!answered) await untilAnswered(client);
  }
});

describe("the server", () => {
  it("lists its model", async () => {
    const client = clientOf(await start());
    const { data } = await client.models.list();
    expect(data).toEqual([
      {
        id: "tiny",
        object: "model",
        created: served.created,
        owned_by: "autodidact",
        max_model_len: CONTEXT,
      },
    ]);
    expect(await client.models.retrieve("tiny")).toEqual(data[0]);
    expect((await refusal(client.models.retrieve("a/b"))).status).toBe(404);
  });

  it("is healthy as soon as its model is loaded", async () => {
    let model: HostedModel | null = null;
    const { url } = await start({ model: () => model });
    const health = url.replace(/\/v1$/, "/health");
    expect((await fetch(health)).status).toBe(503);
    expect((await fetch(`${url}/models`)).status).toBe(503);
    model = served;
    expect((await fetch(health)).status).toBe(200);
  });

  it("asks for the key where it has one", async () => {
    const server = await start({ apiKey: "secret" });
    expect(await refusal(clientOf(server).models.list().then())).toMatchObject({
      status: 401,
      code: "invalid_api_key",
    });
    const { data } = await clientOf(server, "secret").models.list();
    expect(data).toHaveLength(1);
    expect((await fetch(server.url.replace(/\/v1$/, "/health"))).ok).toBe(true);
  });

  it("says that its port is taken", async () => {
    const { port } = await start();
    const again = listen(
      { model: () => null, apiKey: null, loopbackOnly: true, queue: 1 },
      { host: "127.0.0.1", port },
    );
    await expect(again).rejects.toMatchObject({
      code: "USAGE",
      message: expect.stringContaining(`Port ${port}`) as string,
    });
  });

  it("ends after the answers under way, or breaks them off", async () => {
    const ask = async (patience: number) => {
      const server = await start();
      const stream = await clientOf(server).completions.create({
        model: "tiny",
        prompt: "The",
        max_tokens: 100,
        seed: 7,
        stream: true,
      });
      let text = "";
      let closed: Promise<void> | null = null;
      let error: unknown = null;
      try {
        for await (const { choices } of stream) {
          text += choices[0]?.text ?? "";
          closed ??= server.close(patience);
        }
      } catch (thrown) {
        error = thrown;
      }
      await closed;
      await expect(fetch(server.url)).rejects.toThrow();
      return { text, error };
    };
    const whole = await ask(60_000);
    expect(whole.error).toBeNull();
    const broken = await ask(0);
    expect(broken.error).toBeInstanceOf(Error);
    expect(whole.text.startsWith(broken.text)).toBe(true);
    expect(broken.text.length).toBeLessThan(whole.text.length);
  });
});
