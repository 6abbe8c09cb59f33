/**
 * @file An endpoint of a server that misbehaves, asked as the tests of faults ask it.
 */
import { afterEach, expect } from "vitest";
import type { GenerationRequest } from "../../src/generation/language-model.js";
import { Budget } from "../../src/endpoints/spending/budget.js";
import { authorOf } from "../../src/pipelines/instruct-stages/author.js";
import { openEndpoint } from "../../src/endpoints/endpoint.js";
import type { ServedModel } from "../../src/endpoints/endpoint.js";
import { memoryStore } from "./memory-store.js";
import { rightAnswer, startFaultServer } from "./fault-server.js";
import type { FaultServerOptions } from "./fault-server.js";

/** Closed after each test. */
export const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.close();
});

export async function setUp(
  options: FaultServerOptions & {
    readonly maxAttempts?: number;
    readonly stream?: boolean;
  },
  api: "chat" | "completions",
) {
  const server = await startFaultServer(options);
  opened.push({ close: () => server.kill() });
  const store = memoryStore();
  const budget = new Budget();
  const model = openEndpoint(
    {
      baseUrl: server.url,
      model: "m",
      api,
      // Long enough for a busy machine: an answer given up on would be bought twice.
      answerTimes: { longestMs: 6000, shortestMs: 3000 },
      maxAttempts: options.maxAttempts ?? 5,
      stream: options.stream ?? false,
    },
    { store, budget, environment: {} },
  );
  opened.push(model);
  return { server, store, budget, model };
}

export function request(index: number, n = 1): GenerationRequest {
  return {
    prompt: `question ${index}`,
    n,
    seed: index,
    temperature: 0.7,
    topP: 1,
    topK: 0,
    maxTokens: 20,
    stop: [],
  };
}

export const requests = (count: number) =>
  Array.from({ length: count }, (_, index) => request(index));

/** What becomes of each request where one that is refused does not end the others. */
export const askAll = (
  model: ServedModel,
  asked: readonly GenerationRequest[],
) => {
  const { signal } = new AbortController();
  const { ask } = authorOf(model, { style: "chat", signal });
  return Promise.all(asked.map(ask));
};

export function expectRightAnswers(
  answers: readonly (readonly { readonly text: string }[])[],
) {
  answers.forEach((completions, index) => {
    expect(completions.map((completion) => completion.text)).toEqual([
      rightAnswer(`question ${index}`, index),
    ]);
  });
}
