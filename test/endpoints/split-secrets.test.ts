/**
 * @file A key that a server sends back in pieces is in nothing that is shown or kept.
 */
import { afterEach, expect, it } from "vitest";
import { openEndpoint } from "../../src/endpoints/endpoint.js";
import { memoryStore } from "./memory-store.js";
import { startLocalServer } from "./local-server.js";

const KEY = "sk-very/secret-0123456789";
const PIECES = KEY.match(/.{1,4}/g) ?? [];

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

const event = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const stream = (
  field: string,
  last: unknown = { delta: {}, finish_reason: "stop" },
) =>
  [
    ...["the key is ", ...PIECES].map((piece) =>
      event({ choices: [{ index: 0, delta: { [field]: piece } }] }),
    ),
    event({ choices: [{ index: 0, delta: { content: " so" } }] }),
    last === undefined
      ? ""
      : event({ choices: [{ index: 0, ...(last as object) }] }),
  ].join("");
const chat = (choice: object) =>
  JSON.stringify({ choices: [{ finish_reason: "stop", ...choice }] });
const tokens = PIECES.map((token) => ({ token, logprob: -1 }));

async function ask(body: string) {
  const server = await startLocalServer((asked, _request, response) => {
    if (asked === undefined) return { data: [] };
    response.end(body);
    return undefined;
  });
  opened.push(() => server.close());
  const store = memoryStore();
  const model = openEndpoint(
    {
      baseUrl: `${server.url}/v1`,
      model: "m",
      apiKeyVariable: "LAB_KEY",
      maxAttempts: 1,
    },
    { environment: { LAB_KEY: KEY }, store },
  );
  opened.push(() => model.close());
  const shown = await model
    .generate([
      {
        ...{ prompt: [{ role: "user", content: "q" } as const], n: 1, seed: 5 },
        ...{ temperature: 0.7, topP: 0.9, topK: 0, maxTokens: 20, stop: [] },
      },
    ])
    .catch((error: unknown) => String(error));
  return { shown, kept: [...store.calls.values()] };
}

/** Whether the text's letters hold the key when all that stands between pieces is taken out. */
function holdsPieces(value: unknown): boolean {
  const text = JSON.stringify(value);
  return (
    text.includes(KEY) || PIECES.every((piece) => text.includes(`"${piece}`))
  );
}

it.each([
  ["a stream", stream("content")],
  ["the thoughts of a stream", stream("reasoning_content")],
  ["a stream that broke off", stream("content", undefined)],
  [
    "content in parts",
    chat({
      message: { content: PIECES.map((text) => ({ type: "text", text })) },
    }),
  ],
  [
    "log-probabilities of tokens",
    chat({ message: { content: KEY }, logprobs: { content: tokens } }),
  ],
])("of %s", async (_what, body) => {
  expect(holdsPieces(body)).toBe(true);
  const { shown, kept } = await ask(body);
  expect(holdsPieces(shown)).toBe(false);
  expect(holdsPieces(kept)).toBe(false);
  expect(JSON.stringify([shown, kept])).toMatch(/\[key\]|broke off/);
});

it("keeps what a stream said and thought, put together", async () => {
  const { shown, kept } = await ask(
    stream("reasoning_content").replaceAll(/sk-v|secr/g, "x"),
  );
  expect(shown).toMatchObject([[{ text: " so", finishReason: "stop" }]]);
  expect(kept[0]?.response).toContain('"reasoning_content":"the key is ');
});
