/**
 * @file An OpenAI-compatible completions server that always gives the same answer
 * to the same request, and remembers what it was asked.
 *
 * It honours Idempotency-Key as a billing server does: a key that was answered
 * before gets the same answer and is not charged again.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { randomStream } from "../../src/foundation/random.js";
import { answer } from "./scripted-author.js";

export interface RecordedServer {
  readonly url: string;
  /** Times each distinct request was answered, by its idempotency key. */
  readonly answered: Map<string, number>;
  /** Resolves after so many more answers. */
  afterAnswers(count: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * @param failing whether it answers with HTTP 500 now
 * @param refusing which prompts it refuses with HTTP 422, saying why
 */
export async function recordedServer(
  failing: () => boolean = () => false,
  refusing: (prompt: string) => boolean = () => false,
): Promise<RecordedServer> {
  const answered = new Map<string, number>();
  const delays = randomStream(1);
  let total = 0;
  const waiting: { readonly at: number; readonly wake: () => void }[] = [];
  const server = createServer((request, response) => {
    if (request.method === "GET") {
      response.writeHead(404).end();
      return;
    }
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as {
        readonly prompt: string;
        readonly seed: number;
      };
      const key = String(request.headers["idempotency-key"]);
      setTimeout(() => {
        // Nobody is there to be answered any more.
        if (response.destroyed) return;
        if (failing()) {
          response.writeHead(500).end('{"error":{"message":"a bad spell"}}');
          return;
        }
        if (refusing(body.prompt)) {
          response
            .writeHead(422, { "content-type": "application/json" })
            .end('{"error":"`top_p` must be > 0.0 and < 1.0"}');
          return;
        }
        answered.set(key, (answered.get(key) ?? 0) + 1);
        total++;
        for (const { at, wake } of waiting) if (total >= at) wake();
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify(completion(body)));
      }, delays.integer(20));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    answered,
    afterAnswers: (count) =>
      new Promise((wake) => {
        waiting.push({ at: total + count, wake });
      }),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

function completion(body: {
  readonly prompt: string;
  readonly seed: number;
}): unknown {
  const { text, finishReason } = answer({
    prompt: body.prompt,
    seed: body.seed,
    n: 1,
    temperature: 0,
    topP: 1,
    topK: 0,
    maxTokens: 1,
    stop: [],
  });
  return {
    choices: [{ index: 0, text, finish_reason: finishReason }],
    usage: {
      prompt_tokens: Math.ceil(body.prompt.length / 4),
      completion_tokens: Math.ceil(text.length / 4),
    },
  };
}
