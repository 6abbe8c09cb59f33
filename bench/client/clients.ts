/**
 * @file The clients that the throughput benchmark compares: each asks for one chat
 * completion and reads its text.
 */
import OpenAI from "openai";
import { Agent, fetch as undiciFetch } from "undici";
import type { GenerationRequest } from "../../src/generation/language-model.js";
import { openEndpoint } from "../../src/endpoints/endpoint.js";
import type { ServedModel } from "../../src/endpoints/endpoint.js";

/** Sends `count` requests, `concurrency` at a time. */
export interface BenchClient {
  readonly name: string;
  send(count: number): Promise<void>;
  close(): Promise<void>;
}

export const CONCURRENCY = 64;

export function request(index: number): GenerationRequest {
  return {
    prompt: [
      {
        role: "user",
        content: `Write a sentence about the weather in spring, number ${index}.`,
      },
    ],
    n: 1,
    seed: index,
    temperature: 0.7,
    topP: 0.9,
    topK: 0,
    maxTokens: 100,
    stop: [],
  };
}

/** The `openai` package, with Node's own fetch or with undici's and its pool. */
export function openaiClient(
  baseUrl: string,
  fetcher: "fetch" | "undici",
): BenchClient {
  const agent = new Agent({ connections: CONCURRENCY, pipelining: 1 });
  const client = new OpenAI({
    apiKey: "none",
    baseURL: baseUrl,
    maxRetries: 0,
    ...(fetcher === "fetch"
      ? {}
      : {
          fetch: undiciFetch as unknown as typeof fetch,
          fetchOptions: { dispatcher: agent as never },
        }),
  });
  const one = async (index: number): Promise<void> => {
    const { prompt, temperature, topP, maxTokens, seed } = request(index);
    const answer = await client.chat.completions.create({
      model: "bench",
      messages: [...(prompt as { role: "user"; content: string }[])],
      temperature,
      top_p: topP,
      max_tokens: maxTokens,
      seed,
    });
    if (!answer.choices[0]?.message.content) throw new Error("no text");
  };
  return {
    name:
      fetcher === "fetch"
        ? "openai 6, Node's fetch"
        : "openai 6, undici's fetch and pool",
    send: (count) => inLanes(count, one),
    close: () => agent.close(),
  };
}

/** This program's endpoint: keys, admission, budget and parsing included, nothing kept. */
export function endpointClient(
  baseUrl: string,
): BenchClient & { readonly model: ServedModel } {
  const model = openEndpoint(
    { baseUrl, model: "bench", maxConcurrency: CONCURRENCY },
    { environment: {} },
  );
  let sent = 0;
  return {
    name: "src/endpoints over undici's Pool",
    model,
    send: async (count) => {
      const first = sent;
      sent += count;
      await model.generate(
        Array.from({ length: count }, (_, index) => request(first + index)),
      );
    },
    close: () => model.close(),
  };
}

async function inLanes(
  count: number,
  one: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await one(next++);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, lane));
}
