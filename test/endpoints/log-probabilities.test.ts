/**
 * @file Scores and options, against servers that answer as OpenAI, vLLM and llama.cpp do.
 */
import { afterEach, describe, expect, it } from "vitest";
import { openEndpoint } from "../../src/endpoints/endpoint.js";
import type { EndpointSettings } from "../../src/endpoints/transport/endpoint-settings.js";
import { startLocalServer } from "./local-server.js";

type Body = Readonly<Record<string, unknown>>;

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

async function serve(
  answer: (body: Body) => unknown,
  settings: Partial<EndpointSettings> = {},
) {
  const bodies: Body[] = [];
  const server = await startLocalServer((body) => {
    if (body === undefined) return { data: [] };
    bodies.push(body);
    return answer(body);
  });
  opened.push(() => server.close());
  const model = openEndpoint(
    { baseUrl: `${server.url}/v1`, model: "m", ...settings },
    { environment: {} },
  );
  opened.push(() => model.close());
  return { model, bodies };
}

/** What vLLM says: the prompt's tokens, then the one it had to generate. */
function echo(tokens: readonly string[], generated: string) {
  const all = [...tokens, generated];
  return {
    choices: [
      {
        index: 0,
        text: all.join(""),
        finish_reason: "length",
        logprobs: {
          tokens: all,
          // −1, −2, −3, … so that a sum shows which tokens are in it.
          token_logprobs: all.map((_, place) => (place === 0 ? null : -place)),
          text_offset: all.map(() => 0),
        },
      },
    ],
    usage: { prompt_tokens: tokens.length, completion_tokens: 1 },
  };
}

describe("score", () => {
  it("sums over the completion's tokens, without the generated one", async () => {
    const { model, bodies } = await serve(() =>
      echo(["The", " cat", " sat", " down"], "."),
    );
    const scores = await model.score([
      { prompt: "The cat", completion: " sat down" },
    ]);
    expect(scores).toEqual([{ logprob: -2 + -3, tokens: 2 }]);
    expect(bodies).toEqual([
      {
        model: "m",
        prompt: "The cat sat down",
        max_tokens: 1,
        temperature: 0,
        logprobs: 1,
        echo: true,
      },
    ]);
  });

  it("counts a token that spans the border to the completion", async () => {
    const { model } = await serve(() => echo(["The c", "at sat"], "."));
    expect(
      await model.score([{ prompt: "The cat", completion: " sat" }]),
    ).toEqual([{ logprob: -1, tokens: 1 }]);
  });

  it.each([
    [
      "ignores echo, as llama.cpp does",
      () => ({
        choices: [
          { text: ".", logprobs: { tokens: ["."], token_logprobs: [-1] } },
        ],
      }),
    ],
    [
      "sends no log-probabilities, as transformers serve does",
      () => ({ choices: [{ text: "The cat sat." }] }),
    ],
    ["echoes something else", () => echo(["A", " dog"], ".")],
  ])("is an error where the server %s", async (_what, answer) => {
    const { model } = await serve(answer);
    await expect(
      model.score([{ prompt: "The cat", completion: " sat" }]),
    ).rejects.toMatchObject({
      code: "ENDPOINT",
      message: expect.stringMatching(
        /did not return the log-probabilities of the prompt/,
      ) as string,
    });
  });

  it("of a conversation is an error before anything is sent", async () => {
    const { model, bodies } = await serve(() => ({}));
    await expect(
      model.score([
        { prompt: [{ role: "user", content: "Hi" }], completion: "Ho" },
      ]),
    ).rejects.toThrow(/conversations cannot be scored/);
    expect(bodies).toEqual([]);
  });
});

const chatOptions = (top: readonly (readonly [string, number])[]) => ({
  choices: [
    {
      message: { content: top[0]?.[0] },
      finish_reason: "length",
      logprobs: {
        content: [
          {
            token: top[0]?.[0],
            logprob: top[0]?.[1],
            top_logprobs: top.map(([token, logprob]) => ({ token, logprob })),
          },
        ],
      },
    },
  ],
});

describe("optionLogprobs", () => {
  const conversation = [{ role: "user", content: "Score?" }] as const;

  it("reads the options among the likeliest tokens, with or without a space", async () => {
    const { model, bodies } = await serve(() =>
      chatOptions([
        ["4", Math.log(0.5)],
        [" 5", Math.log(0.2)],
        ["5", Math.log(0.1)],
        ["x", Math.log(0.1)],
      ]),
    );
    const [four, five, three] = (
      await model.optionLogprobs([
        { prompt: conversation, prefix: "", options: ["4", "5", "3"] },
      ])
    )[0] as readonly number[];
    expect(four).toBeCloseTo(Math.log(0.5), 12);
    expect(five).toBeCloseTo(Math.log(0.3), 12);
    expect(three).toBe(Number.NEGATIVE_INFINITY);
    expect(bodies[0]).toEqual({
      model: "m",
      messages: conversation,
      max_tokens: 1,
      temperature: 0,
      logprobs: true,
      top_logprobs: 20,
    });
  });

  it("appends the beginning of the answer to a text", async () => {
    const { model, bodies } = await serve(() => ({
      choices: [
        {
          text: "4",
          logprobs: {
            tokens: ["4"],
            token_logprobs: [-0.1],
            top_logprobs: [{ "4": -0.1 }],
          },
        },
      ],
    }));
    expect(
      await model.optionLogprobs([
        { prompt: "Rate it.\n", prefix: "Score: ", options: ["4"] },
      ]),
    ).toEqual([[-0.1]]);
    expect(bodies[0]).toMatchObject({
      prompt: "Rate it.\nScore: ",
      logprobs: 20,
    });
  });

  it("continues a begun answer in vLLM's way, and only there", async () => {
    const request = { prompt: conversation, prefix: "Score: ", options: ["4"] };
    const vllm = await serve(() => chatOptions([["4", -0.1]]), {
      dialect: "vllm",
    });
    await vllm.model.optionLogprobs([request]);
    expect(vllm.bodies[0]).toMatchObject({
      messages: [...conversation, { role: "assistant", content: "Score: " }],
      add_generation_prompt: false,
      continue_final_message: true,
    });
    const openai = await serve(() => chatOptions([["4", -0.1]]));
    await expect(openai.model.optionLogprobs([request])).rejects.toThrow(
      /cannot be continued over the chat endpoint/,
    );
  });

  it("is an error where the server tells none", async () => {
    const { model } = await serve(() => ({
      choices: [{ message: { content: "4" } }],
    }));
    await expect(
      model.optionLogprobs([
        { prompt: conversation, prefix: "", options: ["4"] },
      ]),
    ).rejects.toThrow(/was asked for the likeliest tokens/);
  });
});

describe("generate with log-probabilities", () => {
  it("returns those of the generated tokens", async () => {
    const { model } = await serve(() => chatOptions([["Hi", -0.25]]), {
      logprobs: true,
    });
    const [[completion] = []] = await model.generate([
      {
        prompt: conversation(),
        n: 1,
        seed: 0,
        temperature: 1,
        topP: 1,
        topK: 0,
        maxTokens: 1,
        stop: [],
      },
    ]);
    expect(completion?.logprobs).toEqual([-0.25]);
  });
});

function conversation() {
  return [{ role: "user", content: "Hello" }] as const;
}
